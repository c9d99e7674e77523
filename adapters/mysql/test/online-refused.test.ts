import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const create = 'CREATE TABLE users (id int PRIMARY KEY, name varchar(40), mail varchar(40))';
const strict = [
  { type: 'add_constraint', data: { name: 'n', constraint: { kind: 'not_null', field: 'name' } } },
  { type: 'add_constraint', data: { name: 'u', constraint: { kind: 'unique', fields: ['mail'] } } },
  { type: 'add_constraint', data: { name: 'c', constraint: { kind: 'check', expression: "name <> 'bad'" } } },
  { type: 'change_type', data: { field_name: 'name', to: 'varchar(80)' } },
];

describe.each(servers)('writes that the other version refuses on %s', (name) => {
  it('do not fail, are recorded, and hold finalize up until they are corrected', async () => {
    await using stage = await TwoVersionsStage.on(name, [create, "INSERT INTO users VALUES (1, 'a', 'a'), (2, 'b', 'b')"], {
      operations: strict,
    });
    await stage.up();
    await stage.sql(
      "INSERT INTO users VALUES (3, NULL, 'c')",
      "INSERT INTO users VALUES (4, 'd', 'a')",
      "UPDATE users SET name = 'bad' WHERE id = 2",
      "INSERT INTO users VALUES (5, 'e', 'e'), (6, NULL, 'f'), (7, 'g', 'g')",
    );
    expect(await stage.sql('SELECT id, name FROM users__v1 ORDER BY id')).toEqual([
      [1, 'a'],
      [2, 'b'],
      [5, 'e'],
      [7, 'g'],
    ]);
    const [problem, ...others] = await stage.problems();
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ check: 'no_refused_writes', status: 'WARNING', message: expect.stringMatching(/^4 rows /) });
    await expect(stage.finalize()).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    // One by a write that fits, one by deleting it, one by taking away what was in its way, one by a write of the new version.
    await stage.sql(
      "UPDATE users SET name = 'c' WHERE id = 3",
      'DELETE FROM users WHERE id = 6',
      "UPDATE users SET mail = 'other' WHERE id = 1",
      "UPDATE users__v1 SET name = 'good' WHERE id = 2",
    );
    await stage.finalize();
    expect(await stage.sql('SELECT * FROM users ORDER BY id')).toEqual([
      [1, 'a', 'other'],
      [2, 'good', 'b'],
      [3, 'c', 'c'],
      [4, 'd', 'a'],
      [5, 'e', 'e'],
      [7, 'g', 'g'],
    ]);
  });

  it('of the new version stop the way back until they fit the old one', async () => {
    await using stage = await TwoVersionsStage.on(name, [create, "INSERT INTO users VALUES (1, 'a', 'a')"], {
      operations: strict,
    });
    await stage.up();
    const long = 'x'.repeat(60);
    await stage.sql(`UPDATE users__v1 SET name = '${long}' WHERE id = 1`, `INSERT INTO users__v1 VALUES (2, '${long}', 'b')`);
    expect(await stage.sql('SELECT * FROM users')).toEqual([[1, 'a', 'a']]);
    await expect(stage.down()).rejects.toMatchObject({ code: 'WRITTEN_SINCE', message: expect.stringContaining('id=1') });
    await stage.sql("UPDATE users__v1 SET name = 'short' WHERE id = 1", 'DELETE FROM users__v1 WHERE id = 2');
    await stage.down();
    expect(await stage.sql('SELECT * FROM users')).toEqual([[1, 'short', 'a']]);
  });

  it('are looked for before the change where they can be seen', async () => {
    await using stage = await TwoVersionsStage.on(name, [create, "INSERT INTO users VALUES (1, NULL, 'a')"], {
      operations: strict,
    });
    await expect(stage.up()).rejects.toMatchObject({ code: 'CHECK_FAILED', message: expect.stringContaining('id=1') });
    expect(await stage.sql("SHOW TABLES LIKE 'users%'")).toEqual([['users']]);
  });

  it('are recorded by the copy where only that sees them, and the others are copied', async () => {
    const rows = Array.from({ length: 50 }, (_, id) => `(${id}, ${id % 17 === 3 ? 'NULL' : `'n${id}'`}, 'm${id}')`);
    await using stage = await TwoVersionsStage.on(name, [create, `INSERT INTO users VALUES ${rows.join(', ')}`], {
      operations: [renamed, { type: 'add_constraint', data: { name: 'n', constraint: { kind: 'not_null', field: 'label' } } }],
      batch_size: 11,
    });
    await stage.up();
    expect(await stage.sql('SELECT COUNT(*) FROM users__v1')).toEqual([[47]]);
    expect(await stage.problems()).toMatchObject([
      { check: 'no_refused_writes', message: expect.stringMatching(/^3 rows .*id=3 .*id=20 .*id=37/) },
    ]);
    await stage.sql("UPDATE users SET name = 'given' WHERE name IS NULL");
    expect(await stage.problems()).toEqual([]);
    await stage.finalize();
    expect(await stage.sql("SELECT id FROM users WHERE label = 'given'")).toEqual([[3], [20], [37]]);
  });

  it('take nothing away from what the new version has written meanwhile', async () => {
    await using stage = await TwoVersionsStage.on(name, [create, "INSERT INTO users VALUES (1, 'a', 'a')"], {
      operations: strict,
    });
    await stage.up();
    await stage.sql(
      "UPDATE users SET name = 'bad', mail = 'new' WHERE id = 1",
      "UPDATE users__v1 SET name = 'fine' WHERE id = 1",
    );
    const both = [[1, 'fine', 'a']];
    expect(await stage.sql('SELECT * FROM users')).toEqual(both);
    expect(await stage.sql('SELECT * FROM users__v1')).toEqual(both);
    expect(await stage.problems()).toEqual([]);
  });

  it('are found by the proof where they went past the triggers', async () => {
    await using stage = await TwoVersionsStage.on(name, [create, "INSERT INTO users VALUES (1, 'a', 'a'), (2, 'b', 'b')"], {
      operations: [renamed],
    });
    await stage.up();
    await stage.sql('TRUNCATE TABLE users');
    const message = expect.stringContaining('2 rows are only in the new version (id=1; id=2)') as unknown;
    expect(await stage.problems()).toMatchObject([{ check: 'versions_equal', status: 'FAILED', message }]);
    await expect(stage.finalize()).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    await stage.down();
    expect(await stage.sql('SELECT * FROM users')).toEqual([]);
  });
});
