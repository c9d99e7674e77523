import {
  type Batch,
  type PortableType,
  type PortableValue,
  portableColumn,
  type RowBatch,
  type SinkTarget,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { testDatabase } from './harness.ts';
import { batch, columns, open, target, write } from './sink-harness.ts';

describe('what is written', () => {
  it('is what lookup finds, and what the encoded batch said', async () => {
    await using database = await testDatabase();
    const wide: [string, PortableType, PortableValue[]][] = [
      ['id', { kind: 'text' }, ["a'\\\t", 'b\n']],
      ['f', { kind: 'float64' }, [0.1, Number.NaN]],
      ['g', { kind: 'float32' }, [Math.fround(0.1), 1e20]],
      ['d', { kind: 'timestamptz' }, ['2024-01-01T00:00:00.5Z', null]],
      ['j', { kind: 'json' }, ['{"a":  1}', 'null']],
      ['o', { kind: 'document' }, [new Map([['x', 1n]]), new Map()]],
      ['y', { kind: 'dynamic' }, ['s', 5]],
      ['b', { kind: 'bytes' }, [new Uint8Array([0, 255]), new Uint8Array()]],
      ['a', { kind: 'array', of: { kind: 'text' } }, [['x', null], []]],
    ];
    const of = wide.map(([name, type]) => portableColumn(name, type));
    const { writer } = await open(database, { columns: of });
    const encoded = writer.encode(
      batch(
        [0, 1].map((row) => wide.map(([, , values]) => values[row]!)),
        of,
      ),
    );
    expect(encoded.rejected).toEqual([]);
    expect(await writer.write(encoded.batch, { replay: false })).toMatchObject({ inserted: 2 });
    const found = (await writer.lookup(encoded.batch)) as RowBatch;
    const decoded = (from: RowBatch) =>
      from.rows
        .map((row) => row.map((raw, index) => (raw === null ? null : from.columns[index]!.decode(raw))))
        .sort((left, right) => String(left[0]).localeCompare(String(right[0])));
    expect(decoded(found)).toEqual(decoded(encoded.batch as RowBatch));
  });

  it('names what a column cannot hold exactly, or refuses it', async () => {
    await using database = await testDatabase('CREATE TABLE people (id integer PRIMARY KEY, name text, n numeric(5,1))');
    const { writer } = await open(database);
    expect(
      writer.encode(
        batch([
          [1, 'a', '1.25'],
          [2, undefined as never, '1.35'],
        ]),
      ).losses,
    ).toEqual([
      { field: 'n', loss: 'decimal_scale', count: 2, example: { from: '1.25', to: '1.3' } },
      { field: 'name', loss: 'missing_to_null', count: 1, example: { from: 'missing', to: 'null' } },
    ]);
    const strict = await open(database, { on_loss: 'error', aside: 'load_2' });
    expect(
      strict.writer.encode(
        batch([
          [1, 'a', '1.25'],
          [2, 'b', '1.5'],
        ]),
      ),
    ).toMatchObject({ rejected: [{ index: 0, key: ['1'], code: 'LOSS_REFUSED' }] });
  });

  it('keeps the types and the letters of a table of another database', async () => {
    const create = `CREATE TYPE mood AS ENUM ('sad', 'ok');`;
    await using from =
      await testDatabase(`${create} CREATE TABLE t (id uuid PRIMARY KEY, m mood, ms mood[], n numeric(9,3), j jsonb, r int4range, p point, i interval, c char(5));
      INSERT INTO t VALUES (gen_random_uuid(), 'ok', '{sad,NULL}', 1.5, '{"b":1}', '[1,5)', '(1,2)', '1 mon -3 days', 'x')`);
    await using to = await testDatabase(create);
    await using scan = await from.session.source!.scan({ collection: 't' });
    const given = target({ collection: 't', columns: scan.description.columns });
    const { undo } = await to.session.sink!.plan(given);
    await using writer = await to.session.sink!.open(given, undo);
    for await (const { batch: each } of scan.read((await scan.partitions(1))[0]!, { batch_size: 100 })) await write(writer, each);
    await using other = await to.session.source!.scan({ collection: 't' });
    expect((await to.session.fingerprint('t')).content).toBe((await from.session.fingerprint('t')).content);
    expect(other.description.columns.map((column) => column.native)).toEqual(
      scan.description.columns.map((column) => column.native),
    );
  });

  it.each<[string, Partial<SinkTarget>, string]>([
    ['a field without a column', { columns: [...columns, portableColumn('nope', { kind: 'text' })] }, 'UNKNOWN_FIELD'],
    ['a computed column', { columns: [...columns, portableColumn('twice', { kind: 'text' })] }, 'INVALID_DOCUMENT'],
    ['no value for a column that must have one', { columns: columns.slice(0, 2) }, 'INVALID_DOCUMENT'],
    ['a key without a unique index', { key: ['name'] }, 'INVALID_DOCUMENT'],
    ['no key', { key: [] }, 'INVALID_DOCUMENT'],
  ])('is refused with %s', async (_name, change, code) => {
    await using database = await testDatabase(
      'CREATE TABLE people (id integer PRIMARY KEY, name text, n numeric NOT NULL, twice numeric GENERATED ALWAYS AS (n * 2) STORED)',
    );
    await expect(database.session.sink!.plan(target(change))).rejects.toMatchObject({ code });
  });

  it('can be documents, where the table has their fields', async () => {
    await using database = await testDatabase('CREATE TABLE people (id integer PRIMARY KEY, name text, extra jsonb)');
    const documents: Batch = {
      kind: 'documents',
      form: 'portable',
      documents: [
        new Map<string, PortableValue>([
          ['id', 1],
          ['extra', new Map([['a', 1n]])],
        ]),
        new Map<string, PortableValue>([
          ['id', 2],
          ['other', 1],
        ]),
      ],
      decode: (raw) => raw as Map<string, PortableValue>,
      get: (raw, path) => (raw as Map<string, PortableValue>).get(path),
      decodeValue: (raw) => raw as PortableValue,
    };
    const { writer } = await open(database, { columns: [], dynamic: true });
    const encoded = writer.encode(documents);
    expect(encoded.rejected).toMatchObject([{ index: 1, code: 'UNKNOWN_FIELD' }]);
    await writer.write(encoded.batch, { replay: false });
    expect(await database.sql('SELECT * FROM people')).toEqual([{ id: 1, name: null, extra: { a: 1 } }]);
  });
});
