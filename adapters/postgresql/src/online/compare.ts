import { type Check, checkThat, fail, listExamples, pass, warn } from '@polyshift/core';
import type { Connection } from '../database.ts';
import { compareRows } from './compare-rows.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';

/** Rows that a message names. */
const shown = 5;

/**
 * Proves that each version has what the other one has. Run it in one snapshot: a write and its carrying are one transaction, so that in a snapshot both
 * are there or none.
 */
export async function compareVersions(connection: Connection, names: OnlineNames, mapping: Mapping): Promise<Check[]> {
  const { missing, extra, different, derived, ...rows } = await compareRows(connection, names, mapping);
  const broken = missing.count + extra.count + different.count;
  return [
    checkThat(
      broken === 0,
      'versions_equal',
      {
        pass: `the ${rows.new} rows of the new version are those of the old one`,
        fail: `${missing.count} rows lack in the new version${listExamples(missing)}, ${extra.count} are only there${listExamples(extra)}, ${different.count} differ${listExamples(different)}`,
        action: 'Take the migration back, and apply it again; see who writes around triggers.',
      },
      {
        old: rows.old,
        new: rows.new,
        missing: missing.count,
        extra: extra.count,
        different: different.count,
      },
    ),
    ...(derived.count === 0
      ? []
      : [
          warn(
            'derived_values',
            `${derived.count} rows have other values than the expressions give${listExamples(derived)}`,
            'The new version has written them; see that it has.',
          ),
        ]),
  ];
}

/** What one side has refused of the other, for people. */
export async function refusedChecks(connection: Connection, names: OnlineNames, how: 'fail' | 'warn'): Promise<Check[]> {
  const rows = await connection.rows<{ side: string; key: string; reason: string; count: string }>(
    `SELECT side, key::text, reason, count(*) OVER () AS count FROM ${names.unsettled} WHERE refused ORDER BY at LIMIT ${shown}`,
  );
  if (rows.length === 0) return [pass('refused_writes', 'neither version has refused a write of the other')];
  const count = Number(rows[0]!.count);
  const examples = rows.map(({ side, key, reason }) => `${key} of the ${side} version: ${reason}`);
  const message = `${count} writes of one version were refused by the other${listExamples({ count, examples })}`;
  const action = 'Correct these rows where they were written; a write that fits takes the refusal away.';
  return [(how === 'fail' ? fail : warn)('refused_writes', message, action, { count, examples })];
}
