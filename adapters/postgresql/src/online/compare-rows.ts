import type { FoundRows } from '@polyshift/core';
import type { Connection } from '../database.ts';
import { describeKey } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import { withoutPlans } from '../without-plans.ts';
import { differ } from './differ.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';

/** Rows that a message names. */
const shown = 5;

/** What two versions of a table have of each other. */
export interface Compared {
  readonly old: number;
  readonly new: number;
  readonly missing: FoundRows;
  readonly extra: FoundRows;
  readonly different: FoundRows;
  readonly derived: FoundRows;
}

const none: FoundRows = { count: 0, examples: [] };

/**
 * Holds every row of the old version, as it would be in the new one, against the row that is there, and the other way round. One pass tells whether there
 * is a difference at all; which, a second one, where there is. Rows with unsettled writes are left out.
 */
export async function compareRows(connection: Connection, names: OnlineNames, mapping: Mapping): Promise<Compared> {
  return await inOrderOfKey(connection, names, mapping, async () => {
    const unsettled = await connection.row(`SELECT 1 FROM ${names.unsettled} LIMIT 1`);
    if (!unsettled) {
      const pass = await connection.row<{ old: string; new: string; unlike: string }>(passStatement(names, mapping));
      if (Number(pass!.unlike) === 0)
        return { old: Number(pass!.old), new: Number(pass!.new), missing: none, extra: none, different: none, derived: none };
    }
    const rows = await connection.texts(detailStatement(names, mapping, unsettled !== undefined));
    const counted = await connection.row<{ old: string; new: string }>(
      `SELECT (SELECT count(*) FROM ${names.oldSql}) AS old, (SELECT count(*) FROM ${names.newSql}) AS new`,
    );
    const key = keyOf(mapping);
    const of = (kind: string): FoundRows => {
      const found = rows.filter((row) => row[0] === kind);
      return { count: Number(found[0]?.[1] ?? 0), examples: found.map((row) => describeKey(key, row.slice(2))) };
    };
    return {
      old: Number(counted!.old),
      new: Number(counted!.new),
      missing: of('missing'),
      extra: of('extra'),
      different: of('different'),
      derived: of('derived'),
    };
  });
}

/**
 * Where the rows of both lie in the order of their key, the server reads them side by side in that order: that needs neither memory nor a file for the rows of one of them,
 * which it would rather have, because it counts each page that an index leads to as if it lay anywhere.
 */
async function inOrderOfKey<Result>(
  connection: Connection,
  names: OnlineNames,
  { key }: Mapping,
  work: () => Promise<Result>,
): Promise<Result> {
  const [first] = key;
  const ordered = key.every(({ oldType, newType }) => oldType === newType)
    ? await connection.row<{ ordered: boolean }>(
        `SELECT count(*) = 2 AND bool_and(s.correlation > 0.9) AS ordered
         FROM (VALUES ($1::regclass, $2::text), ($3::regclass, $4::text)) AS k(oid, name)
         JOIN pg_class c ON c.oid = k.oid JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = k.name AND NOT s.inherited`,
        [names.oldSql, first!.old, names.newSql, first!.new],
      )
    : undefined;
  return ordered?.ordered ? await withoutPlans(connection, ['hashjoin'], work) : await work();
}

function keyOf(mapping: Mapping): string[] {
  return mapping.key.map((each) => each.new);
}

/** What the statements are made of; `f` is a row as it should be, `n` the one that is there. */
function parts(names: OnlineNames, mapping: Mapping, old: string) {
  const key = keyOf(mapping);
  const cast = mapping.newColumns.map(({ name, native }) => `m.${quote(name)}::${native} AS ${quote(name)}`);
  const columns = (...kinds: readonly string[]) =>
    mapping.newColumns.filter(({ name, carried }) => kinds.includes(carried) && (carried === 'derived' || !key.includes(name)));
  return {
    key,
    absent: (row: 'f' | 'n'): string => `${row}.${quote(key[0]!)} IS NULL`,
    strict: columns('plain'),
    converted: columns('converted'),
    loose: columns('derived'),
    from: `FROM (SELECT ${cast.join(', ')} FROM (${mapping.forward.replaceAll(mapping.base, () => old)}) AS m) AS f
       FULL JOIN ${names.newSql} AS n ON ${mapping.key.map((each) => `f.${quote(each.new)} ${each.newEqual} n.${quote(each.new)}`).join(' AND ')}`,
  };
}

/** How many rows there are, and how many of them have not their like on the other side. */
function passStatement(names: OnlineNames, mapping: Mapping): string {
  const { key, absent, strict, converted, loose, from } = parts(names, mapping, names.oldSql);
  const first = quote(key[0]!);
  return `SELECT count(f.${first}) AS old, count(n.${first}) AS new,
      count(*) FILTER (WHERE ${absent('f')} OR ${absent('n')} OR ${differ([...strict, ...converted, ...loose])}) AS unlike ${from}`;
}

/** How many rows of each kind are not as they should be, with the first ones of each. */
function detailStatement(names: OnlineNames, mapping: Mapping, unsettled: boolean): string {
  // What the new version refuses may be what does not convert: then nobody may try.
  const refused = `ARRAY[${mapping.key.map((each) => `o.${quote(each.old)}::text`).join(', ')}]`;
  const convertible = `(SELECT * FROM ${names.oldSql} AS o WHERE NOT EXISTS (SELECT FROM ${names.unsettled} AS u WHERE u.side = 'old' AND u.key = ${refused}))`;
  const { key, absent, strict, converted, loose, from } = parts(names, mapping, unsettled ? convertible : names.oldSql);
  const keys = key.map((name) => `coalesce(f.${quote(name)}, n.${quote(name)})`);
  const settled = unsettled
    ? ` AND NOT EXISTS (SELECT FROM ${names.unsettled} AS u WHERE u.key = ARRAY[${keys.map((each) => `${each}::text`).join(', ')}])`
    : '';
  const list = key.map((_, index) => `k${index + 1}`);
  const texts = list.map((each) => `${each}::text`).join(', ');
  return `WITH compared AS MATERIALIZED (
       SELECT CASE WHEN ${absent('n')} THEN 'missing' WHEN ${absent('f')} THEN 'extra' WHEN ${differ(strict)} THEN 'different' WHEN ${differ(converted)} THEN 'converted' WHEN ${differ(loose)} THEN 'derived' END AS kind,
         ${keys.map((each, index) => `${each} AS k${index + 1}`).join(', ')}
       ${from}
       WHERE (${absent('f')} OR ${absent('n')} OR ${differ([...strict, ...converted, ...loose])})${settled})
     , judged AS (SELECT CASE WHEN kind = 'converted' THEN 'different' ELSE kind END AS kind, ${list.join(', ')} FROM compared
       WHERE kind <> 'converted' OR NOT ${names.agree}(ARRAY[${texts}]))
     SELECT kind, count, ${texts} FROM (
       SELECT *, count(*) OVER (PARTITION BY kind) AS count, row_number() OVER (PARTITION BY kind) AS nr FROM judged) AS numbered WHERE nr <= ${shown}`;
}
