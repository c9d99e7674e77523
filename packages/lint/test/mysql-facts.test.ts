import type mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMysql } from '../src/mysql/parse.ts';
import { typeChange } from '../src/mysql/type-change.ts';
import { dropDatabase, openDatabase } from './mysql-servers.ts';

const database = `lint_facts_${process.pid}`;

const types = [
  ...[
    'INT',
    'INT(5)',
    'INT UNSIGNED',
    'BIGINT',
    'SMALLINT',
    'DECIMAL(8, 2)',
    'DECIMAL(10, 2)',
    'DOUBLE',
    'DATETIME',
    'DATETIME(3)',
  ],
  ...['VARCHAR(10)', 'VARCHAR(63)', 'VARCHAR(64)', 'VARCHAR(100)', 'VARCHAR(200)', 'VARCHAR(300)', 'CHAR(10)', 'CHAR(20)'],
  ...['VARBINARY(200)', 'VARBINARY(255)', 'VARBINARY(256)', 'BINARY(10)', 'TEXT', 'MEDIUMTEXT', 'DATE', 'JSON'],
];

/** What a type is to lint. */
function typeOf(type: string) {
  const [statement] = parseMysql(`CREATE TABLE t (a ${type})`);
  if (statement?.kind !== 'create_table') throw new Error(type);
  return statement.columns[0]!.type;
}

describe.each(['mysql', 'mariadb'] as const)('%s', (kind) => {
  let connection: mysql.Connection;

  beforeAll(async () => {
    connection = await openDatabase(kind, database);
  });

  afterAll(() => dropDatabase(connection, database));

  test('a change of a type that lint lets pass copies nothing', async () => {
    const passed: string[] = [];
    const copied: string[] = [];
    for (const from of types) {
      const letPass = types.filter((to) => to !== from && ['same', 'longer'].includes(typeChange(typeOf(from), typeOf(to))));
      for (const to of letPass) {
        passed.push(`${from} to ${to}`);
        await connection
          .query(`CREATE OR REPLACE TABLE t (id INT PRIMARY KEY, a ${from}) DEFAULT CHARSET utf8mb4`)
          .catch(async () => {
            await connection.query('DROP TABLE IF EXISTS t');
            await connection.query(`CREATE TABLE t (id INT PRIMARY KEY, a ${from}) DEFAULT CHARSET utf8mb4`);
          });
        const asked = `ALTER TABLE t MODIFY a ${to}, ALGORITHM = INPLACE, LOCK = NONE`;
        await connection.query(asked).catch((error: Error) => copied.push(`${from} to ${to}: ${error.message}`));
      }
    }
    expect(copied).toEqual([]);
    expect(passed).toEqual(
      expect.arrayContaining(['VARCHAR(10) to VARCHAR(63)', 'VARCHAR(64) to VARCHAR(300)', 'INT to INT(5)']),
    );
  });

  test('a varchar that grows past 255 bytes is copied where lint says so', async () => {
    const free = kind === 'mariadb' ? 127 : 0;
    const ways = [
      { charset: 'utf8mb4', limits: [31, 32, 63] },
      { charset: 'utf8mb3', limits: [42, 43, 85] },
      { charset: 'latin1', limits: [127, 128, 255] },
    ];
    for (const { charset, limits } of ways) {
      for (const from of limits) {
        for (const to of [from + 1, 256, 300]) {
          const change = typeChange(typeOf(`VARCHAR(${from})`), typeOf(`VARCHAR(${to})`), charset, free);
          await connection.query('DROP TABLE IF EXISTS t');
          await connection.query(`CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(${from})) DEFAULT CHARSET ${charset}`);
          const done = connection.query(`ALTER TABLE t MODIFY a VARCHAR(${to}), ALGORITHM = INPLACE`);
          const refused = await done.then(
            () => '',
            (error: Error) => error.message,
          );
          expect([charset, from, to, refused !== '']).toEqual([charset, from, to, change === 'crosses_length_byte']);
        }
      }
    }
  });

  test.each(['ENUM', 'SET'])('values at the end of %s take no time, others a copy', async (word) => {
    await connection.query('DROP TABLE IF EXISTS t');
    await connection.query(`CREATE TABLE t (id INT PRIMARY KEY, a ${word}('a', 'b'))`);
    const modify = (values: string, algorithm: string) =>
      connection.query(`ALTER TABLE t MODIFY a ${word}(${values}), ALGORITHM = ${algorithm}`);
    await modify("'a', 'b', 'c'", 'INSTANT');
    for (const values of ["'a', 'b'", "'b', 'a', 'c'", "'a', 'x', 'b', 'c'"]) {
      await expect(modify(values, 'INPLACE')).rejects.toThrow(/ALGORITHM=INPLACE is not supported/);
    }
  });
});
