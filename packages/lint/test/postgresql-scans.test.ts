import { sharedServer } from '@polyshift/testkit/vitest';
import { beforeAll, expect, test } from 'vitest';
import { lintFiles } from './lint-text.ts';
import { exampleClient, exampleTables } from './postgresql-tables.ts';

const server = await sharedServer('postgresql');
const schema = `lint_scans_${process.pid}`;
const client = exampleClient(server, schema);

beforeAll(async () => {
  await client.query(`
    UPDATE users SET created = now(), state = 'new';
    INSERT INTO orders SELECT n, n, n FROM generate_series(1, 100) n;
    INSERT INTO logs (id, line) SELECT n, n FROM generate_series(1, 100) n;
    INSERT INTO events_2026 SELECT n, '2026-05-05' FROM generate_series(1, 100) n;
  `);
});

const bounds = "FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')";

/** What rules say of statements that read every row, and of the ways that read none. */
const cases: { before: string[]; statement: string; table: string; reads: boolean }[] = [
  { before: [], statement: 'ALTER TABLE users ALTER name SET NOT NULL', table: 'users', reads: true },
  {
    before: ['ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID', 'ALTER TABLE users VALIDATE CONSTRAINT c'],
    statement: 'ALTER TABLE users ALTER name SET NOT NULL',
    table: 'users',
    reads: false,
  },
  {
    before: ['ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID'],
    statement: 'ALTER TABLE users ALTER name SET NOT NULL',
    table: 'users',
    reads: true,
  },
  { before: [], statement: 'ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0)', table: 'users', reads: true },
  { before: [], statement: 'ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID', table: 'users', reads: false },
  {
    before: ['ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID'],
    statement: 'ALTER TABLE users VALIDATE CONSTRAINT c',
    table: 'users',
    reads: true,
  },
  { before: [], statement: 'ALTER TABLE users ADD COLUMN plan text CHECK (length(plan) < 10)', table: 'users', reads: true },
  { before: [], statement: "ALTER TABLE users ADD COLUMN plan text NOT NULL DEFAULT 'free'", table: 'users', reads: false },
  {
    before: [],
    statement: 'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users (id)',
    table: 'orders',
    reads: true,
  },
  {
    before: [],
    statement: 'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID',
    table: 'orders',
    reads: false,
  },
  { before: [], statement: 'ALTER TABLE orders ADD COLUMN buyer bigint REFERENCES users (id)', table: 'orders', reads: false },
  {
    before: [],
    statement: 'ALTER TABLE orders ADD COLUMN buyer bigint DEFAULT 1 REFERENCES users (id)',
    table: 'orders',
    reads: true,
  },
  { before: [], statement: `ALTER TABLE events ATTACH PARTITION events_2026 ${bounds}`, table: 'events_2026', reads: true },
  {
    before: [
      "ALTER TABLE events_2026 ADD CONSTRAINT c CHECK (at IS NOT NULL AND at >= '2026-01-01' AND at < '2027-01-01') NOT VALID",
      'ALTER TABLE events_2026 VALIDATE CONSTRAINT c',
    ],
    statement: `ALTER TABLE events ATTACH PARTITION events_2026 ${bounds}`,
    table: 'events_2026',
    reads: false,
  },
  {
    before: ['CREATE UNIQUE INDEX one ON users (name)'],
    statement: 'ALTER TABLE users ADD CONSTRAINT one UNIQUE USING INDEX one',
    table: 'users',
    reads: false,
  },
  {
    before: [
      'ALTER TABLE orders DROP CONSTRAINT orders_pkey',
      'ALTER TABLE orders ALTER id DROP NOT NULL',
      'CREATE UNIQUE INDEX one ON orders (id)',
    ],
    statement: 'ALTER TABLE orders ADD CONSTRAINT one PRIMARY KEY USING INDEX one',
    table: 'orders',
    reads: true,
  },
  {
    before: ['CREATE UNIQUE INDEX one ON logs (id)'],
    statement: 'ALTER TABLE logs ADD CONSTRAINT one PRIMARY KEY USING INDEX one',
    table: 'logs',
    reads: false,
  },
];

test.each(cases)('$statement after $before reads rows: $reads', async ({ before, statement, table, reads }) => {
  await client.query('BEGIN');
  try {
    for (const each of before) await client.query(each);
    const already = await rowsRead(table);
    await client.query(statement);
    expect((await rowsRead(table)) > already).toBe(reads);
  } finally {
    await client.query('ROLLBACK');
  }
});

/** The rules that say that every row is read while others are kept out. */
const reading = ['PG005', 'PG010', 'PG012', 'PG015', 'PG024'];

test.each(cases)('lint knows so of $statement after $before', async ({ before, statement, reads }) => {
  const script = [...before, statement].map((each) => `${each};`).join('\n');
  const { findings } = await lintFiles('postgresql', { 'tables.sql': exampleTables, 'change.sql': script });
  const last = findings.filter(({ file, line, code }) => file === 'change.sql' && line > before.length && reading.includes(code));
  // VALIDATE CONSTRAINT reads every row too, but keeps nobody out.
  expect(last.length > 0).toBe(reads && !statement.includes('VALIDATE'));
});

/** The rows of a table that this transaction has read by now. */
async function rowsRead(table: string): Promise<number> {
  const { rows } = await client.query(
    'SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS count FROM pg_stat_xact_all_tables WHERE relid = $1::regclass',
    [`${schema}.${table}`],
  );
  return Number(rows[0].count);
}
