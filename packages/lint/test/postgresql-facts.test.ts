import { sharedServer } from '@polyshift/testkit/vitest';
import { beforeAll, expect, test } from 'vitest';
import { columnOf } from '../src/postgresql/column.ts';
import { parsePostgresql } from '../src/postgresql/parse.ts';
import { keepsRows } from '../src/postgresql/type-change.ts';
import { stableFunctions } from '../src/postgresql/volatility.ts';
import { writeLocked } from '../src/postgresql/write-locks.ts';
import { postgresqlRules } from '../src/rules/postgresql-rules.ts';
import { exampleClient } from './postgresql-tables.ts';

const server = await sharedServer('postgresql');
const schema = `lint_facts_${process.pid}`;
const client = exampleClient(server, schema);

test('no function that lint takes for stable is volatile', async () => {
  const { rows } = await client.query(
    "SELECT DISTINCT proname FROM pg_proc WHERE proname = ANY ($1) AND provolatile = 'v' AND pronamespace = 'pg_catalog'::regnamespace",
    [[...stableFunctions]],
  );
  expect(rows).toEqual([]);
});

const types = [
  ...['text', 'varchar', 'varchar(10)', 'varchar(20)', 'char(10)', 'char(20)', 'xml', 'bytea'],
  ...['smallint', 'int', 'bigint', 'real', 'float8', 'numeric', 'numeric(8,2)', 'numeric(10,2)', 'numeric(10,3)', 'numeric(6,2)'],
  ...['timestamp', 'timestamp(3)', 'timestamptz', 'timestamptz(3)', 'date', 'time', 'time(3)', 'interval', 'interval(3)'],
  ...['bit(4)', 'bit(8)', 'varbit', 'varbit(4)', 'varbit(8)', 'cidr', 'inet', 'json', 'jsonb', 'uuid', 'boolean'],
  ...['text[]', 'varchar(10)[]', 'varchar(20)[]', 'int[]'],
];

test('no change of a type that lint lets pass writes the rows anew', async () => {
  const passed: string[] = [];
  const wrong: string[] = [];
  for (const from of types) {
    for (const to of types.filter((type) => type !== from && keeps(parsed.get(from)!, parsed.get(type)!))) {
      passed.push(`${from} to ${to}`);
      await client.query('BEGIN');
      await client.query(`CREATE TABLE changed (a ${from}); INSERT INTO changed VALUES (NULL)`);
      const before = await client.query("SELECT pg_relation_filenode('changed') AS file");
      await client.query(`ALTER TABLE changed ALTER a TYPE ${to}`);
      const after = await client.query("SELECT pg_relation_filenode('changed') AS file");
      await client.query('ROLLBACK');
      if (before.rows[0].file !== after.rows[0].file) wrong.push(`${from} to ${to}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(passed).toEqual(
    expect.arrayContaining([
      'varchar(10) to varchar(20)',
      'varchar(10) to text',
      'numeric(8,2) to numeric(10,2)',
      'cidr to inet',
    ]),
  );
  expect(passed.length).toBeGreaterThan(20);
});

const keeps = keepsRows;
const parsed = new Map<string, NonNullable<ReturnType<typeof columnOf>['type']>>();

beforeAll(async () => {
  for (const type of types) {
    const [statement] = await parsePostgresql(`CREATE TABLE t (a ${type})`, false);
    if (statement?.kind !== 'CreateStmt') throw new Error(type);
    parsed.set(type, columnOf(statement.node.tableElts![0]!.ColumnDef!).type!);
  }
});

/** The modes that keep writers out. */
const blocking = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
/** The tables of the examples, by name. */
const watched = new Map<string, number>();

beforeAll(async () => {
  const { rows } = await client.query(
    "SELECT relname, oid::int FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'v', 'm')",
    [schema],
  );
  for (const { relname, oid } of rows) watched.set(relname, oid);
});

test('what lint takes for a lock that blocks writes is what the server holds, for every example that runs', async () => {
  const examples = Object.values(postgresqlRules).flatMap(({ code, examples: { unsafe, safe } }) =>
    [...unsafe, ...safe].map((sql) => ({ code, sql })),
  );
  const differences: string[] = [];
  let compared = 0;
  for (const { code, sql } of examples) {
    for (const statement of await parsePostgresql(sql, false)) {
      if (statement.kind === 'TransactionStmt') continue;
      await client.query('BEGIN');
      const held = await locksOf(statement.text);
      await client.query('ROLLBACK');
      if (held === undefined) continue;
      compared += 1;
      // An index locks its table too, which the statement does not name.
      if (/^(DROP|REINDEX) INDEX/.test(statement.text)) continue;
      const said = [...new Set(writeLocked(statement))].filter((name) => watched.has(name)).sort();
      if (said.join() !== held.sort().join()) {
        differences.push(
          `${code} ${statement.text}: lint ${said.join(', ') || 'nothing'}, server ${held.join(', ') || 'nothing'}`,
        );
      }
    }
  }
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(150);
});

/** The watched tables that the statement keeps writers out of; undefined where the server refuses it. */
async function locksOf(statement: string): Promise<string[] | undefined> {
  try {
    await client.query(statement);
  } catch {
    return undefined;
  }
  const { rows } = await client.query(
    'SELECT DISTINCT relation::int AS oid FROM pg_locks WHERE pid = pg_backend_pid() AND mode = ANY ($1) AND relation = ANY ($2) AND granted',
    [blocking, [...watched.values()]],
  );
  const oids = new Set(rows.map(({ oid }) => oid));
  return [...watched].filter(([, oid]) => oids.has(oid)).map(([name]) => name);
}
