import { portableColumn, type SinkTarget } from '@polyshift/core';
import { leasedRun } from '@polyshift/testkit/conformance';
import { describe, expect, it } from 'vitest';
import { server, servers, TestDatabase } from './harness.ts';

const target: SinkTarget = {
  collection: 'people',
  columns: [portableColumn('id', { kind: 'int32' }, false), portableColumn('name', { kind: 'text' })],
  dynamic: false,
  key: ['id'],
  mode: 'insert',
  on_loss: 'nearest',
  aside: 'load_1',
};

describe.each(servers)('indexes around loads into %s', async (name) => {
  const shared = await server(name);
  const [hidden, plane] = name === 'mysql' ? ['INVISIBLE', 'SRID 0'] : ['IGNORED', ''];

  it('stay where a guarantee depends on them, and else come back exactly as they were', async () => {
    await using database = await TestDatabase.on(shared);
    await database.sql('CREATE TABLE cities (a INT, b INT, PRIMARY KEY (a, b))');
    await database.sql(`CREATE TABLE people (id INT PRIMARY KEY, number INT NOT NULL AUTO_INCREMENT, name VARCHAR(40), a INT, b INT, about TEXT,
      place POINT NOT NULL ${plane}, doubled INT AS (a * 2) VIRTUAL,
      UNIQUE KEY people_unique (name, a), KEY people_number (number), KEY people_foreign (a, b, name), FOREIGN KEY (a, b) REFERENCES cities (a, b),
      KEY people_referred (b), FULLTEXT KEY people_about (about), SPATIAL KEY people_place (place),
      KEY people_name (name(7) DESC, b) COMMENT 'it''s, really', KEY people_number_b (number, b), KEY people_doubled (doubled), KEY people_text (about(20)) ${hidden})`);
    await database.sql('CREATE TABLE children (id INT PRIMARY KEY, b INT, FOREIGN KEY (b) REFERENCES people (b))');
    const { session } = database;
    const state = async () => [await session.fingerprint('people'), await session.introspect(['people'])];
    const before = await state();
    const indexes = session.sink!.indexes!;
    const { dropped, stays } = await indexes.plan(target);
    const names = dropped.map((index) => index.name);
    expect(names.sort()).toEqual(['people_doubled', 'people_name', 'people_text']);
    expect(Object.fromEntries(stays.map(({ name: index, why }) => [index, why]))).toEqual({
      PRIMARY: 'is the primary key',
      people_unique: 'keeps rows unique',
      people_number: 'leads with the automatic number number',
      people_number_b: 'leads with the automatic number number',
      people_foreign: 'serves the foreign key people_ibfk_1',
      people_referred: 'serves the foreign key children_ibfk_1',
      people_about: 'is what MATCH searches, which fails without it',
      people_place: 'cannot be built while others write',
    });
    const schema = String((await database.sql('SELECT DATABASE()'))[0]![0]);
    const undo = { collection: 'people', before: 'filled' as const, aside: 'load_1', schema, name: 'people' };
    await using leased = await leasedRun(session, 'load_1');
    const { run } = leased;
    for (const index of dropped) await indexes.drop(undo, index, run);
    expect((await indexes.missing(undo, dropped)).sort()).toEqual(names);
    for (const index of dropped) await indexes.build(undo, index, run);
    expect(await indexes.missing(undo, dropped)).toEqual([]);
    expect(await state()).toEqual(before);
  });

  it('are dropped and built under the lock alone, and never where another index has the name', async () => {
    await using database = await TestDatabase.on(shared);
    await database.sql('CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(40), n INT, KEY people_name (name))');
    const sink = database.session.sink!;
    const { undo } = await sink.plan(target);
    const indexes = sink.indexes!;
    const [index] = (await indexes.plan(target)).dropped;
    await using leased = await leasedRun(database.session, 'load_1');
    const { run } = leased;
    const outdated = { ...run, fence: { ...run.fence, token: run.fence.token - 1 }, guard: async () => undefined };
    await expect(indexes.drop(undo, index!, outdated)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await indexes.missing(undo, [index!])).toEqual([]);
    await database.sql('ALTER TABLE people DROP INDEX people_name, ADD INDEX people_name (n)');
    await indexes.drop(undo, index!, run);
    expect(await indexes.missing(undo, [index!])).toEqual(['people_name']);
    await expect(indexes.build(undo, index!, run)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await database.sql('DROP TABLE people');
    await indexes.build(undo, index!, run);
    expect(await indexes.missing(undo, [index!])).toEqual([]);
  });
});
