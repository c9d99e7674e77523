import { type Check, checkThat, fail, pass, warn } from '@polyshift/core';
import type { Connection } from '../database.ts';
import { describeKey, listExamples } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';

/** Rows that a message names. */
const shown = 5;

/**
 * Holds every row of the old version, as it would be in the new one, against the row that is there, and the other way round. Run it in one snapshot:
 * a write and its carrying are one transaction, so that in a snapshot both are there or none. Rows with unsettled writes are left out.
 */
export async function compareVersions(connection: Connection, names: OnlineNames, mapping: Mapping): Promise<Check[]> {
  const key = mapping.key.map((each) => each.new);
  const strict = mapping.newColumns.filter(({ name, carried }) => !key.includes(name) && carried === 'plain');
  const converted = mapping.newColumns.filter(({ name, carried }) => !key.includes(name) && carried === 'converted');
  const loose = mapping.newColumns.filter(({ carried }) => carried === 'derived');
  const cast = mapping.newColumns.map(({ name, native }) => `m.${quote(name)}::${native} AS ${quote(name)}`);
  const [first] = key;
  const none = (row: string): string => `${row}.${quote(first!)} IS NULL`;
  // The image of the values tells equal ones fast and for every type; where it differs, their texts decide.
  const differ = (columns: readonly { name: string }[]): string =>
    columns.length === 0
      ? 'false'
      : `(record_image_ne(ROW(${columns.map(({ name }) => `f.${quote(name)}`).join(', ')}), ROW(${columns.map(({ name }) => `n.${quote(name)}`).join(', ')}))
         AND (${columns.map(({ name }) => `f.${quote(name)}::text IS DISTINCT FROM n.${quote(name)}::text`).join(' OR ')}))`;
  const both = `NOT ${none('f')} AND NOT ${none('n')}`;
  // What the new version refuses may be what does not convert: then nobody may try.
  const refusedKey = `ARRAY[${mapping.key.map((each) => `o.${quote(each.old)}::text`).join(', ')}]`;
  const convertible = `(SELECT * FROM ${names.oldSql} AS o WHERE NOT EXISTS (SELECT FROM ${names.unsettled} AS u WHERE u.side = 'old' AND u.key = ${refusedKey}))`;
  const keyOf = key.map((name) => `coalesce(f.${quote(name)}, n.${quote(name)})`);
  const unsettled = `EXISTS (SELECT FROM ${names.unsettled} AS u WHERE u.key = ARRAY[${keyOf.map((each) => `${each}::text`).join(', ')}])`;
  const rows = await connection.texts(
    `WITH compared AS MATERIALIZED (
       SELECT CASE WHEN ${none('n')} THEN 'missing' WHEN ${none('f')} THEN 'extra' WHEN ${differ(strict)} THEN 'different' WHEN ${differ(converted)} THEN 'converted' WHEN ${differ(loose)} THEN 'derived' END AS kind,
         ${keyOf.map((each, index) => `${each} AS k${index + 1}`).join(', ')}
       FROM (SELECT ${cast.join(', ')} FROM (${mapping.forward.replaceAll(mapping.base, () => convertible)}) AS m) AS f
       FULL JOIN ${names.newSql} AS n ON ${mapping.key.map((each) => `f.${quote(each.new)} ${each.newEqual} n.${quote(each.new)}`).join(' AND ')}
       WHERE (${none('f')} OR ${none('n')} OR (${both} AND (${differ(strict)} OR ${differ(converted)} OR ${differ(loose)}))) AND NOT ${unsettled})
     , judged AS (SELECT CASE WHEN kind = 'converted' THEN 'different' ELSE kind END AS kind, ${key.map((_, index) => `k${index + 1}`).join(', ')} FROM compared
       WHERE kind <> 'converted' OR NOT ${names.agree}(ARRAY[${key.map((_, index) => `k${index + 1}::text`).join(', ')}]))
     SELECT kind, count, ${key.map((_, index) => `k${index + 1}::text`).join(', ')} FROM (
       SELECT *, count(*) OVER (PARTITION BY kind) AS count, row_number() OVER (PARTITION BY kind) AS nr FROM judged) AS numbered WHERE nr <= ${shown}`,
  );
  const counted = await connection.row<{ old: string; new: string }>(
    `SELECT (SELECT count(*) FROM ${names.oldSql}) AS old, (SELECT count(*) FROM ${names.newSql}) AS new`,
  );
  const of = (kind: string) => {
    const found = rows.filter((row) => row[0] === kind);
    return { count: Number(found[0]?.[1] ?? 0), examples: found.map((row) => describeKey(key, row.slice(2))) };
  };
  const [missing, extra, different, derived] = ['missing', 'extra', 'different', 'derived'].map(of) as [
    Found,
    Found,
    Found,
    Found,
  ];
  const broken = missing.count + extra.count + different.count;
  return [
    checkThat(
      broken === 0,
      'versions_equal',
      {
        pass: `the ${counted!.new} rows of the new version are those of the old one`,
        fail: `${missing.count} rows lack in the new version${listExamples(missing)}, ${extra.count} are only there${listExamples(extra)}, ${different.count} differ${listExamples(different)}`,
        action: 'Take the migration back, and apply it again; see who writes around triggers.',
      },
      {
        old: Number(counted!.old),
        new: Number(counted!.new),
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

type Found = { count: number; examples: string[] };

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
