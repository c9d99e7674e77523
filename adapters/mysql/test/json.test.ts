import type { AnyOperationInput } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { server, servers, TestDatabase } from './harness.ts';

describe.each(servers)('JSON columns on %s', (name) => {
  it('are added, chosen by and changed alike, as a type of the server and as text with a check', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE t (id int PRIMARY KEY, n int, s varchar(10), j longtext CHECK (JSON_VALID(j)))');
    await database.sql(`INSERT INTO t VALUES (1, 5, 'x', '{"a":1,  "b":[1,2]}'), (2, NULL, NULL, '[1]'), (3, 7, 'y', '1')`);
    const before = await database.session.fingerprint('t');
    const operations: AnyOperationInput[] = [
      { type: 'add_field', collection: 't', data: { field_name: 'k', type: 'json', default_value: { deep: [true, null] } } },
      {
        type: 'migrate_data',
        collection: 't',
        conditions: { id: 1 },
        data: { pipeline: [{ $set: { k: '$n' } }, { $set: { j: '$s' } }] },
      },
      { type: 'migrate_data', collection: 't', conditions: { id: 3 }, data: { pipeline: [{ $set: { k: { $gt: ['$n', 1] } } }] } },
    ];
    for (const field of ['j']) {
      // An object is no condition in this language; its scalars and lists inside are: here as values of `in`.
      expect(await database.session.count('t', { [field]: { in: [{ a: 1, b: [1, 2] }] } })).toBe(1);
      expect(await database.session.count('t', { [field]: { in: [[1]] } })).toBe(1);
      expect(await database.session.count('t', { [field]: 1 })).toBe(1);
      expect(await database.session.count('t', { [field]: { ne: 1 } })).toBe(2);
    }
    await database.up(...operations);
    const shown = await database.sql("SELECT REPLACE(CAST(k AS CHAR), ' ', ''), CAST(j AS CHAR) FROM t ORDER BY id");
    expect(shown).toEqual([
      ['5', '"x"'],
      ['{"deep":[true,null]}', '[1]'],
      ['true', '1'],
    ]);
    expect(await database.session.count('t', { k: { in: [{ deep: [true, null] }] } })).toBe(1);
    await database.down(...operations);
    expect(await database.session.fingerprint('t')).toEqual(before);
  });

  it('are held to the types of a validation schema', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE t (id int PRIMARY KEY, j json, s varchar(10))');
    const schema = {
      required: ['s'],
      properties: { j: { type: ['object', 'null'] }, s: { enum: ['a', 'B'], pattern: '^[aB]$', maxLength: 3 } },
    };
    await database.up({ type: 'schema_validation', collection: 't', data: { schema } });
    await database.sql(`INSERT INTO t VALUES (1, '{}', 'a'), (2, NULL, 'B')`);
    for (const row of ["3, '[]', 'a'", "4, '{}', 'A'", "5, '{}', NULL"])
      await expect(database.sql(`INSERT INTO t VALUES (${row})`), row).rejects.toThrow(/polyshift_validation_t_/);
    const { validation } = (await database.session.introspect(['t'])).collections['t']!;
    expect(validation).toEqual({ schema, level: 'strict', action: 'error' });
  });
});
