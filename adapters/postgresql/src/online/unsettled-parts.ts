import { type Check, fail, isPolyshiftError, listExamples, PolyshiftError, pass, type RunContext, warn } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import type { Connection, Database } from '../database.ts';
import { quoteQualified } from '../identifiers.ts';
import type { OnlineNames } from './names.ts';
import { type Relation, relationNames, unsettledParts } from './relation.ts';

type Left = { part: number; side: 'hub' | 'part'; key: string; reason: string | null };

/** Milliseconds to wait for a row: the first that somebody holds may be about to be free. */
const [firstPatience, patience] = [2_000, 50];

/** Tries once more what has not reached the other side of a relation, row by row; what somebody holds goes on waiting. */
export async function settleAllParts(
  database: Database,
  run: RunContext,
  names: OnlineNames,
  relations: readonly Relation[],
): Promise<void> {
  if (relations.length === 0) return;
  let lock_timeout_ms = firstPatience;
  for (const each of await leftOf(database, names)) {
    await run.guard();
    try {
      await database.fenced(run.fence, (connection) => settle(connection, names, relations, each), { lock_timeout_ms });
    } catch (error) {
      if (!isPolyshiftError(error, 'STORE_BUSY')) throw error;
      lock_timeout_ms = patience;
    }
  }
}

async function leftOf(connection: Queryable, names: OnlineNames): Promise<Left[]> {
  return await connection.rows<Left & Record<string, unknown>>(
    `SELECT part, side, key::text, reason FROM ${quoteQualified(names.aside, unsettledParts)} ORDER BY at`,
  );
}

async function settle(
  connection: Queryable,
  names: OnlineNames,
  relations: readonly Relation[],
  { part, side, key }: Left,
): Promise<void> {
  await connection.rows(`SELECT ${relationNames(names, relations[part]!).settle}($1, $2::text[])`, [side, key]);
}

/**
 * Brings over what one of the versions has written and the other one lacks, inside a transaction that nobody can write beside.
 *
 * @param version the one that ends: throws where something of it cannot be brought over
 */
export async function settlePartsOf(
  connection: Connection,
  names: OnlineNames,
  relations: readonly Relation[],
  version: 'old' | 'new',
): Promise<void> {
  if (relations.length === 0) return;
  for (const each of await leftOf(connection, names)) await settle(connection, names, relations, each);
  const written = (kind: Relation['kind']): 'hub' | 'part' => ((kind === 'split') === (version === 'old') ? 'hub' : 'part');
  const left = (await leftOf(connection, names)).filter(({ part, side }) => side === written(relations[part]!.kind));
  if (left.length === 0) return;
  const examples = left
    .slice(0, 5)
    .map(({ part, side, key, reason }) => `${place(names, relations, part, side)} ${key}${reason === null ? '' : `: ${reason}`}`);
  throw new PolyshiftError(
    version === 'new' ? 'WRITTEN_SINCE' : 'CHECK_FAILED',
    `${left.length} rows that the ${version} version has written do not fit into the other one${listExamples({ count: left.length, examples })}`,
    {
      hint:
        version === 'new'
          ? 'Correct or delete these rows in the new version, then roll back again.'
          : 'Correct these rows where they were written, and finalize again.',
    },
  );
}

function place(names: OnlineNames, relations: readonly Relation[], part: number, side: 'hub' | 'part'): string {
  return relationNames(names, relations[part]!)[side];
}

/** How many writes of the relations are refused, and how many wait. */
export async function partCounts(
  connection: Queryable,
  names: OnlineNames,
  relations: readonly Relation[],
): Promise<{ refused: number; waiting: number }> {
  if (relations.length === 0) return { refused: 0, waiting: 0 };
  const row = await connection.row<{ refused: string; waiting: string }>(
    `SELECT count(*) FILTER (WHERE refused) AS refused, count(*) FILTER (WHERE NOT refused) AS waiting FROM ${quoteQualified(names.aside, unsettledParts)}`,
  );
  return { refused: Number(row!.refused), waiting: Number(row!.waiting) };
}

/** What one side of a relation has refused of the other, for people. */
export async function refusedPartChecks(
  connection: Connection,
  names: OnlineNames,
  relations: readonly Relation[],
  how: 'fail' | 'warn',
): Promise<Check[]> {
  if (relations.length === 0) return [];
  const rows = await connection.rows<Left & { count: string }>(
    `SELECT part, side, key::text, reason, count(*) OVER () AS count FROM ${quoteQualified(names.aside, unsettledParts)} WHERE refused ORDER BY at LIMIT 5`,
  );
  if (rows.length === 0)
    return [pass('refused_part_writes', 'no write to a table that is split or merged was refused by the other version')];
  const count = Number(rows[0]!.count);
  const examples = rows.map(({ part, side, key, reason }) => `${key} of ${place(names, relations, part, side)}: ${reason}`);
  return [
    (how === 'fail' ? fail : warn)(
      'refused_part_writes',
      `${count} writes to tables that are split or merged were refused by the other version${listExamples({ count, examples })}`,
      'Correct these rows where they were written; a write that fits takes the refusal away.',
      { count, examples },
    ),
  ];
}
