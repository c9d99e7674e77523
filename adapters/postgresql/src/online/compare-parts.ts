import { type Check, checkThat, listExamples } from '@polyshift/core';
import type { Connection } from '../database.ts';
import { describeKey } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import type { OnlineNames } from './names.ts';
import { filled, type Relation, relationNames } from './relation.ts';

/** Rows that a message names. */
const shown = 5;

/**
 * Holds every row of the hub against its part, by all of its fields, and the other way round. Run it in the snapshot of the other comparison. Rows with
 * unsettled writes are left out; a row of the part without a value stands for none.
 */
export async function compareParts(
  connection: Connection,
  online: OnlineNames,
  relations: readonly Relation[],
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const relation of relations) checks.push(await compareOne(connection, online, relation));
  return checks;
}

async function compareOne(connection: Connection, online: OnlineNames, relation: Relation): Promise<Check> {
  const names = relationNames(online, relation);
  const { key, fields } = relation;
  const row = (alias: string): string => `ROW(${fields.map((field) => `${alias}.${quote(field)}`).join(', ')})`;
  const texts = fields.map((field) => `h.${quote(field)}::text IS DISTINCT FROM p.${quote(field)}::text`).join(' OR ');
  const [first] = key;
  const keys = key.map((each) => `coalesce(h.${quote(each.hub)}, p.${quote(each.part)})`);
  const found = await connection.texts(
    `WITH compared AS (
       SELECT CASE WHEN p.${quote(first!.part)} IS NULL THEN 'missing' WHEN h.${quote(first!.hub)} IS NULL THEN 'extra' ELSE 'different' END AS kind,
         ${keys.map((each, at) => `${each}::text AS k${at + 1}`).join(', ')}
       FROM ${names.hub} AS h FULL JOIN ${names.part} AS p ON ${key.map((each) => `h.${quote(each.hub)} ${each.equal} p.${quote(each.part)}`).join(' AND ')}
       WHERE record_image_ne(${row('h')}, ${row('p')}) AND (${texts}))
     SELECT kind, count, ${key.map((_, at) => `k${at + 1}`).join(', ')} FROM (
       SELECT *, count(*) OVER (PARTITION BY kind) AS count, row_number() OVER (PARTITION BY kind) AS nr FROM compared
       WHERE NOT EXISTS (SELECT FROM ${names.unsettled} AS u WHERE u.part = ${relation.index} AND u.key = ARRAY[${key.map((_, at) => `k${at + 1}`).join(', ')}])) AS numbered
     WHERE nr <= ${shown}`,
  );
  const counted = await connection.row<{ hub: string; part: string }>(
    `SELECT (SELECT count(*) FROM ${names.hub} AS h WHERE ${filled(relation, 'h')} > 0) AS hub, (SELECT count(*) FROM ${names.part}) AS part`,
  );
  const of = (kind: string) => {
    const rows = found.filter((each) => each[0] === kind);
    return {
      count: Number(rows[0]?.[1] ?? 0),
      examples: rows.map((each) =>
        describeKey(
          key.map(({ part }) => part),
          each.slice(2),
        ),
      ),
    };
  };
  const [missing, extra, different] = [of('missing'), of('extra'), of('different')];
  return checkThat(
    missing.count + extra.count + different.count === 0,
    'parts_equal',
    {
      pass: `${relation.table} and its ${fields.join(', ')} in the other version have the same values`,
      fail: `${missing.count} rows lack in ${relation.table}${listExamples(missing)}, ${extra.count} are only there${listExamples(extra)}, ${different.count} differ${listExamples(different)}`,
      action: 'Take the migration back, and apply it again; see who writes around triggers.',
    },
    {
      table: relation.table,
      rows: Number(counted!.part),
      filled: Number(counted!.hub),
      missing: missing.count,
      extra: extra.count,
      different: different.count,
    },
  );
}
