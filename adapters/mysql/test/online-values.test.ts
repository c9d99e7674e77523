import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const columns: readonly (readonly [type: string, ...values: string[]])[] = [
  ['float', '1.1', '16777217', '3.4e38'],
  ['double', '0.1', '1.7976931348623157e308', '-0.0'],
  ['decimal(65,30)', '1.000000000000000000000000000001', '-99999999999999999999999999999999999.5'],
  ['bigint unsigned', '18446744073709551615', '0'],
  ['bit(20)', "b'10101'", "b'0'"],
  ["enum('a','B','')", "'a'", "'B'", "''"],
  ["set('x','y')", "'x,y'", "''"],
  ['char(5)', "'ab'", "''"],
  ['varchar(20) CHARACTER SET latin1', "'äöü'", "'x '"],
  ['varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', "'😀'", "'a\\0b'"],
  ['longtext', "'line\\nline'", "''"],
  ['varbinary(10)', "X'00ff80'", "X''"],
  ['longblob', "X'fffe00'", "X''"],
  ['json', '\'{"b": 1.50, "a": [null, "x"]}\'', "'3'"],
  ['date', "'0000-00-00'", "'2024-02-31'"],
  ['datetime(6)', "'9999-12-31 23:59:59.999999'", "'1000-01-01'"],
  ['time(3)', "'-838:59:59.000'", "'00:00:00.123'"],
  ['year', '1901', '2155'],
  ['point', "ST_GeomFromText('POINT(1 2.5)')"],
];

/** The instant that Berlin's clocks show twice, first and second time. */
const ambiguous = ['2024-10-27 00:30:00', '2024-10-27 01:30:00'];

describe.each(servers)('values that go over to the other version on %s', (name) => {
  it('stay what they are, of every type, whoever writes them', async () => {
    const definitions = columns.map(([type], index) => `c${index} ${type} NULL`);
    await using stage = await TwoVersionsStage.on(
      name,
      [
        "SET sql_mode = 'ALLOW_INVALID_DATES'",
        `CREATE TABLE users (id int PRIMARY KEY, name varchar(20), ${definitions.join(', ')}, twice bigint AS (id * 2) STORED, next bigint AS (id + 1) VIRTUAL)`,
      ],
      { operations: [renamed] },
    );
    const names = columns.map((_, index) => `c${index}`).join(', ');
    const valuesAt = (turn: number) => columns.map(([, ...values]) => values[turn] ?? 'NULL').join(', ');
    await stage.sql(`INSERT INTO users (id, ${names}) VALUES (1, ${valuesAt(0)}), (2, ${valuesAt(1)}), (3, ${valuesAt(2)})`);
    await stage.up();
    await stage.sql(
      `INSERT INTO users (id, ${names}) VALUES (11, ${valuesAt(0)}), (12, ${valuesAt(1)}), (13, ${valuesAt(2)})`,
      `INSERT INTO users__v1 (id, ${names}) VALUES (21, ${valuesAt(0)}), (22, ${valuesAt(1)}), (23, ${valuesAt(2)})`,
      "UPDATE users SET name = 'n' WHERE id IN (2, 22)",
      "UPDATE users__v1 SET label = 'l' WHERE id IN (3, 13)",
      `UPDATE users SET ${columns.map(([, ...values], index) => `c${index} = ${values[1] ?? 'NULL'}`).join(', ')} WHERE id = 1`,
      `UPDATE users__v1 SET ${columns.map(([, ...values], index) => `c${index} = ${values[1] ?? 'NULL'}`).join(', ')} WHERE id = 11`,
    );
    const read = columns.map(([type], index) =>
      type === 'float'
        ? `c${index} * 1e0`
        : /bit|char|text|enum|set|blob|binary/.test(type)
          ? `HEX(c${index})`
          : type === 'point'
            ? `ST_AsText(c${index})`
            : `CAST(c${index} AS CHAR)`,
    );
    const rows = (table: string, label: string) =>
      stage.sql(`SELECT id, ${label}, twice, next, ${read.join(', ')} FROM ${table} ORDER BY id`);
    const old = await rows('users', 'name');
    expect(old).toHaveLength(9);
    expect(await rows('users__v1', 'label')).toEqual(old);
    const same = (left: number, right: number) =>
      expect(old.find(([id]) => id === left)!.slice(4)).toEqual(old.find(([id]) => id === right)!.slice(4));
    for (const [left, right] of [
      [1, 11],
      [2, 12],
      [2, 22],
      [3, 13],
      [13, 23],
    ] as const)
      same(left, right);
    expect(await stage.problems()).toEqual([]);
    await stage.finalize();
    expect(await rows('users', 'label')).toEqual(old);
  });

  it('are instants, also those that a clock shows twice', async () => {
    const [, offset] = ['UTC', '+00:00'];
    await using stage = await TwoVersionsStage.on(
      name,
      [
        'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), at timestamp(6) NULL, changed timestamp NULL ON UPDATE CURRENT_TIMESTAMP)',
      ],
      { operations: [renamed] },
    );
    const zones = Number((await stage.sql('SELECT COUNT(*) FROM mysql.time_zone_name'))[0]![0]);
    await stage.up();
    const application = await createConnection({ uri: stage.database.url });
    // Where the server has no zones, one of an offset shows at least that none is taken for another.
    await application.query(`SET time_zone = ${zones > 0 ? "'Europe/Berlin'" : "'+02:00'"}`);
    for (const [index, instant] of ambiguous.entries()) {
      const epoch = Date.parse(`${instant.replace(' ', 'T')}Z`) / 1000;
      await application.query(`SET timestamp = ${epoch}`);
      await application.query(`INSERT INTO users (id, at) VALUES (${index}, CURRENT_TIMESTAMP)`);
      await application.query(`INSERT INTO users__v1 (id, at) VALUES (${index + 10}, CURRENT_TIMESTAMP)`);
      await application.query(`UPDATE users SET name = 'n' WHERE id = ${index}`);
      await application.query(`UPDATE users__v1 SET label = 'n' WHERE id = ${index + 10}`);
    }
    await stage.sql(`SET time_zone = '${offset}'`);
    const old = await stage.sql('SELECT id, at, changed FROM users ORDER BY id');
    expect(old.map(([id, at]) => [id, String(at).slice(0, 19)])).toEqual([
      [0, ambiguous[0]],
      [1, ambiguous[1]],
      [10, ambiguous[0]],
      [11, ambiguous[1]],
    ]);
    expect(await stage.sql('SELECT id, at, changed FROM users__v1 ORDER BY id')).toEqual(old);
    application.destroy();
  });
});
