import { sharedServer } from '@polyshift/testkit/vitest';
import { expect, test } from 'vitest';
import { lockModes } from '../src/postgresql/rule.ts';
import { postgresqlRules } from '../src/rules/postgresql-rules.ts';
import { exampleClient } from './postgresql-tables.ts';

const server = await sharedServer('postgresql');
const schema = `lint_${process.pid}`;
const client = exampleClient(server, schema);

const claims = Object.values(postgresqlRules).flatMap((rule) =>
  'claim' in rule && rule.claim ? [{ ...rule, claim: rule.claim, statement: rule.examples.unsafe[0] }] : [],
);

test('rules claim locks', () => expect(claims.length).toBeGreaterThan(20));

test.each(claims)('$code $name: $statement', async ({ claim, statement }) => {
  const relation = await client.query('SELECT $1::regclass::oid AS oid', [`${schema}.${claim.table ?? 'users'}`]);
  const { oid } = relation.rows[0];
  // Null once the table is dropped.
  const file = async () => (await client.query('SELECT pg_relation_filenode($1::oid) AS file', [oid])).rows[0].file;
  const before = await file();
  await client.query('BEGIN');
  try {
    await client.query(statement);
    const locks = await client.query('SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = $1 AND granted', [
      oid,
    ]);
    const modes = locks.rows.map(({ mode }) => lockName(mode));
    modes.sort((left, right) => lockModes.indexOf(right) - lockModes.indexOf(left));
    expect(modes[0]).toBe(claim.mode);
    expect(![before, null].includes(await file())).toBe(claim.rewrites);
  } finally {
    await client.query('ROLLBACK');
  }
});

/** `AccessExclusiveLock` as the manual writes it. */
function lockName(mode: string): (typeof lockModes)[number] {
  const name = mode
    .replace(/Lock$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
  return name as (typeof lockModes)[number];
}
