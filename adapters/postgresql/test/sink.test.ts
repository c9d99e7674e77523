import type { PortableValue } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { asideObjects, testDatabase } from './harness.ts';
import { batch, existing, open, people, take, target, write } from './sink-harness.ts';

describe('a load into a table that was absent', () => {
  it('creates it, counts each row once, and drops it on rollback', async () => {
    await using database = await testDatabase();
    const { sink, undo, writer } = await open(database);
    expect(undo.before).toBe('absent');
    expect(await write(writer, people(1, 100))).toEqual({ inserted: 100, replaced: 0, already_there: 0, rejected: [] });
    const again = (await write(writer, people(100, 102))) as { rejected: unknown[]; inserted: number };
    expect(again).toMatchObject({ inserted: 2, rejected: [{ index: 0, key: ['100'], code: 'DUPLICATE_KEY' }] });
    expect(await write(writer, people(95, 105), true)).toMatchObject({ inserted: 3, already_there: 8, rejected: [] });
    expect(await write(writer, people(1, 2, 'other'), true)).toMatchObject({
      inserted: 0,
      already_there: 0,
      rejected: [{ code: 'DUPLICATE_KEY' }, { code: 'DUPLICATE_KEY' }],
    });
    await writer.finish();
    await writer.finish();
    expect(await database.session.count('people')).toBe(105);
    // What the caller counted may lack a batch that was written just before a kill.
    await take(sink.rollback(undo, 90));
    expect(await database.session.fingerprint('people')).toMatchObject({ schema: 'absent' });
    await take(sink.rollback(undo, 90));
    await sink.discard(undo);
    expect(await asideObjects(database)).toEqual([]);
  });

  it('keeps the other rows of a batch when some are refused, and names these', async () => {
    await using database = await testDatabase();
    const { writer } = await open(database, { params: { columns: { name: 'varchar(5)', n: 'numeric(4,1)' } } });
    const rows = people(1, 300);
    const bad = new Map<number, readonly PortableValue[]>([
      [5, [6, 'much too long', '1']],
      [17, [18, 'ok', '99999']],
      [18, [null, 'ok', '1']],
      [19, [1, 'twin', '1']],
    ]);
    const mixed = batch(rows.rows.map((row, index) => bad.get(index) ?? (row as PortableValue[])));
    const encoded = writer.encode(mixed);
    expect(encoded.rejected.map((each) => [each.index, each.code, each.key])).toEqual([
      [5, 'CONVERSION_FAILED', ['6']],
      [17, 'CONVERSION_FAILED', ['18']],
    ]);
    const result = await writer.write(encoded.batch, { replay: false });
    expect(result.inserted).toBe(296);
    expect(result.rejected.map((each) => [each.index, each.code])).toEqual([
      [16, 'CONSTRAINT_VIOLATED'],
      [17, 'DUPLICATE_KEY'],
    ]);
  });

  it('refuses to take over a table that somebody else has created since', async () => {
    await using database = await testDatabase();
    const { undo } = await database.session.sink!.plan(target());
    await database.sql(existing);
    await expect(database.session.sink!.open(target(), undo)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await take(database.session.sink!.rollback(undo, 0));
    expect(await database.session.count('people')).toBe(0);
  });

  it('refuses the way back where others have written, and changes nothing', async () => {
    await using database = await testDatabase();
    const { sink, undo, writer } = await open(database);
    await write(writer, people(1, 10));
    await database.sql("INSERT INTO people VALUES (77, 'mine', 1)");
    await expect(take(sink.rollback(undo, 10))).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    expect(await database.session.count('people')).toBe(11);
  });

  it('writes several batches at once', async () => {
    await using database = await testDatabase();
    const { writer } = await open(database);
    await Promise.all(Array.from({ length: 8 }, (_, index) => write(writer, people(index * 50 + 1, index * 50 + 50))));
    expect(await database.session.count('people')).toBe(400);
  });
});

describe('a load into a table that was empty', () => {
  it('is taken back to empty, and checks each row against the rules of the table', async () => {
    await using database = await testDatabase(existing);
    const before = await database.session.fingerprint('people');
    const { sink, undo, writer } = await open(database);
    expect(undo.before).toBe('empty');
    const rows = people(1, 64);
    const result = await writer.write(writer.encode(batch([...rows.rows, [65, 'neg', '-1']] as PortableValue[][])).batch, {
      replay: false,
    });
    expect(result).toMatchObject({ inserted: 64, rejected: [{ index: 64, key: ['65'], code: 'CONSTRAINT_VIOLATED' }] });
    await take(sink.rollback(undo, 64));
    expect(await database.session.fingerprint('people')).toEqual(before);
  });
});

describe('a load into a table with rows', () => {
  const filled = `${existing}; INSERT INTO people SELECT g, 'old' || g, g, 'x' FROM generate_series(1, 20) AS g`;

  it.each([
    ['insert', { inserted: 10, replaced: 0, already_there: 0 }, 10],
    ['upsert', { inserted: 10, replaced: 10, already_there: 0 }, 0],
    ['ignore', { inserted: 10, replaced: 0, already_there: 10 }, 0],
  ] as const)('%s', async (mode, counts, rejected) => {
    await using database = await testDatabase(filled);
    const before = await database.session.fingerprint('people');
    const { sink, undo, writer } = await open(database, { mode });
    expect(undo.before).toBe('filled');
    const result = (await write(writer, people(11, 30))) as { rejected: { code: string }[] };
    expect(result).toMatchObject(counts);
    expect(result.rejected.length).toBe(rejected);
    expect(await database.sql('SELECT name, extra FROM people WHERE id = 15')).toEqual([
      { name: mode === 'upsert' ? 'p15' : 'old15', extra: 'x' },
    ]);
    // The same chunk again, as after a kill before its checkpoint.
    const replayed = (await write(writer, people(11, 30), true)) as { inserted: number; replaced: number };
    expect(replayed).toMatchObject({ inserted: 0, replaced: 0 });
    const own = (await write(writer, people(21, 30, 'q'))) as { rejected: { code: string }[] };
    expect(own.rejected.map((each) => each.code)).toEqual(Array(10).fill('DUPLICATE_KEY'));
    await using reopened = await sink.open(target({ mode }), undo);
    expect(await write(reopened, people(31, 31))).toMatchObject({ inserted: 1 });
    await take(sink.rollback(undo, 21));
    expect(await database.session.fingerprint('people')).toEqual(before);
    await sink.discard(undo);
    expect(await asideObjects(database)).toEqual([]);
  });

  it('refuses the way back of rows that were written since, and changes nothing', async () => {
    await using database = await testDatabase(filled);
    const { sink, undo, writer } = await open(database, { mode: 'upsert' });
    await write(writer, people(11, 30));
    await database.sql("UPDATE people SET name = 'mine' WHERE id = 25");
    const between = await database.session.fingerprint('people');
    await expect(take(sink.rollback(undo, 20))).rejects.toMatchObject({
      code: 'WRITTEN_SINCE',
      message: expect.stringContaining('id=25'),
    });
    expect(await database.session.fingerprint('people')).toEqual(between);
  });
});
