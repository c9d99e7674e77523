import type mysql from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mysqlRules } from '../src/rules/mysql-rules.ts';
import { dropDatabase, openDatabase } from './mysql-servers.ts';

const database = `lint_${process.pid}`;

/** The tables that the examples of the rules speak of. */
const tables = [
  `CREATE TABLE users (
    id BIGINT PRIMARY KEY, name VARCHAR(60), email VARCHAR(50) NOT NULL, age INT, note TEXT
  ) DEFAULT CHARSET utf8mb4`,
  'CREATE TABLE orders (id BIGINT PRIMARY KEY, user_id BIGINT, KEY (user_id))',
  'CREATE TABLE logs (number INT NOT NULL, line VARCHAR(20))',
  'CREATE TABLE places (id BIGINT PRIMARY KEY, place POINT NOT NULL)',
  "INSERT INTO users (id, name, email, age) VALUES (1, 'a', 'a', 20), (2, 'b', 'b', 30)",
  'INSERT INTO orders VALUES (1, 1), (2, 2)',
  "INSERT INTO logs VALUES (1, 'a'), (2, 'b')",
];

/** Rules of changes for which MariaDB before 11.2 does not look at ALGORITHM and LOCK. */
const unasked = new Set(['MY020', 'MY022', 'MY033']);

const claims = Object.values(mysqlRules).flatMap((rule) =>
  'claim' in rule && rule.claim ? [{ ...rule, claim: rule.claim, statement: rule.examples.unsafe[0] }] : [],
);

test('rules claim algorithms', () => expect(claims.length).toBeGreaterThan(15));

describe.each(['mysql', 'mariadb'] as const)('%s', (kind) => {
  let connection: mysql.Connection;

  beforeAll(async () => {
    connection = await openDatabase(kind, database);
  });

  beforeEach(async () => {
    for (const table of ['orders', 'users', 'logs', 'places']) await connection.query(`DROP TABLE IF EXISTS ${table}`);
    for (const statement of tables) await connection.query(statement);
  });

  afterAll(() => dropDatabase(connection, database));

  test.each(claims)('$code $name: $statement', async ({ code, claim, statement }) => {
    const own = kind === 'mariadb' && claim.mariadb ? claim.mariadb : claim;
    const older = kind === 'mariadb' && !(await isAtLeast(connection, 11, 2));
    // MariaDB copies a table while it takes writes from 11.2 on; before, it also takes any clause for some changes, and copies all the same.
    const lock = older && own.algorithm === 'COPY' ? 'SHARED' : own.lock;
    const expected = older && unasked.has(code) ? { algorithm: 'INSTANT', lock: 'NONE' } : { algorithm: own.algorithm, lock };
    expect(await bestWay(connection, statement)).toEqual(expected);
  });
});

/** Whether the server has a version, or a newer one. */
async function isAtLeast(connection: mysql.Connection, major: number, minor: number): Promise<boolean> {
  const [[row]] = await connection.query<mysql.RowDataPacket[]>('SELECT VERSION() AS version');
  const [ownMajor = 0, ownMinor = 0] = String(row!['version']).split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

/** The least disturbing way that the server takes: it refuses what it cannot do. */
async function bestWay(connection: mysql.Connection, statement: string): Promise<{ algorithm: string; lock: string }> {
  const ways = [
    { algorithm: 'INSTANT', lock: 'NONE' },
    { algorithm: 'INPLACE', lock: 'NONE' },
    { algorithm: 'INPLACE', lock: 'SHARED' },
    { algorithm: 'COPY', lock: 'NONE' },
    { algorithm: 'COPY', lock: 'SHARED' },
  ];
  const refused: string[] = [];
  for (const { algorithm, lock } of ways) {
    const clause = algorithm === 'INSTANT' ? 'ALGORITHM=INSTANT' : `ALGORITHM=${algorithm}, LOCK=${lock}`;
    try {
      await connection.query(asking(statement, clause));
      return { algorithm, lock };
    } catch (error) {
      refused.push(`${clause}: ${(error as Error).message}`);
    }
  }
  throw new Error(refused.join('\n'));
}

/** The statement with ALGORITHM and LOCK: behind the table, since partitions and ORDER BY must stand last. */
function asking(statement: string, clause: string): string {
  if (statement.startsWith('CREATE')) return `${statement} ${clause.replace(',', '')}`;
  const [, head, actions] = /^(ALTER TABLE \w+) (.*)$/.exec(statement)!;
  return `${head} ${clause}${/^PARTITION|^REMOVE/.test(actions!) ? '' : ','} ${actions}`;
}
