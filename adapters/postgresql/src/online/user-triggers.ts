import { isDeepStrictEqual } from 'node:util';
import { type Check, fail, PolyshiftError, pass } from '@polyshift/core';
import { withQualifiedNames } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import type { Connection } from '../database.ts';
import { literal, quote } from '../identifiers.ts';
import { notCarried } from './carried.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';

/** A trigger of the user's own, with all that it takes to create it again on a table. */
export type UserTrigger = {
  name: string;
  constraint: boolean;
  /** `BEFORE`, `AFTER`. */
  timing: string;
  events: string[];
  /** Those of UPDATE OF. */
  columns: string[];
  /** What follows the table, as the server prints it with every name qualified. */
  tail: string;
  /** O, D, R or A, as the server has it. */
  enabled: string;
  comment: string | null;
  constraint_comment: string | null;
  /** Extensions with which it is dropped. */
  extensions: string[];
};

type Found = Omit<UserTrigger, 'tail'> & { definition: string; place: string };

// Bits of tgtype: 2 before, 4 insert, 8 delete, 16 update, 32 truncate.
const statement = `
SELECT t.tgname::text AS name, t.tgconstraint <> 0 AS constraint, CASE WHEN t.tgtype & 2 <> 0 THEN 'BEFORE' ELSE 'AFTER' END AS timing,
  to_json(array_remove(ARRAY[CASE WHEN t.tgtype & 4 <> 0 THEN 'INSERT' END, CASE WHEN t.tgtype & 8 <> 0 THEN 'DELETE' END,
    CASE WHEN t.tgtype & 16 <> 0 THEN 'UPDATE' END, CASE WHEN t.tgtype & 32 <> 0 THEN 'TRUNCATE' END], NULL)) AS events,
  (SELECT coalesce(json_agg(a.attname ORDER BY k.nr), '[]') FROM unnest(t.tgattr::smallint[]) WITH ORDINALITY AS k(number, nr)
   JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = k.number) AS columns,
  t.tgenabled::text AS enabled, obj_description(t.oid, 'pg_trigger') AS comment, obj_description(nullif(t.tgconstraint, 0), 'pg_constraint') AS constraint_comment,
  (SELECT coalesce(json_agg(e.extname ORDER BY e.extname), '[]') FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
   WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x') AS extensions,
  pg_get_triggerdef(t.oid) AS definition, format('%I.%I', n.nspname, c.relname) AS place
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgrelid = $1 AND NOT t.tgisinternal AND NOT starts_with(t.tgname, '!polyshift_') ORDER BY t.tgname COLLATE "C"`;

/** The triggers of a table but polyshift's own. Must run inside a transaction. */
export async function readUserTriggers(connection: Queryable, oid: number): Promise<UserTrigger[]> {
  return await withQualifiedNames(connection, async () => {
    const ident = async (names: readonly string[]): Promise<string[]> =>
      (
        await connection.rows<{ name: string }>(
          'SELECT quote_ident(n) AS name FROM unnest($1::text[]) WITH ORDINALITY AS u(n, nr) ORDER BY nr',
          [names],
        )
      ).map(({ name }) => name);
    const triggers: UserTrigger[] = [];
    for (const { definition, place, ...trigger } of await connection.rows<Found>(statement, [oid])) {
      const [name, ...columns] = await ident([trigger.name, ...trigger.columns]);
      const start = head(trigger, name!, columns, place);
      if (!definition.startsWith(start))
        throw new PolyshiftError('UNSUPPORTED_OPERATION', `The trigger ${trigger.name} cannot be created again: ${definition}`);
      triggers.push({ ...trigger, tail: definition.slice(start.length) });
    }
    return triggers;
  });
}

function head(
  { constraint, timing, events }: Omit<UserTrigger, 'tail'>,
  name: string,
  columns: readonly string[],
  table: string,
): string {
  const list = events.map((event) => (event === 'UPDATE' && columns.length > 0 ? `UPDATE OF ${columns.join(', ')}` : event));
  return `CREATE ${constraint ? 'CONSTRAINT ' : ''}TRIGGER ${name} ${timing} ${list.join(' OR ')} ON ${table}`;
}

/** Up to the condition, which may be there; what is quoted before it counts as one piece. */
const untilCondition = /^((?:"(?:[^"]|"")*"|[^"])*? FOR EACH (?:ROW|STATEMENT) )(WHEN \()?/;

/** The tail with a condition that must hold besides its own. The server prints that in parentheses wherever it needs them. */
function withCondition(tail: string, condition: string): string {
  return tail.replace(untilCondition, (_all, before: string, when?: string) =>
    when === undefined ? `${before}WHEN (${condition}) ` : `${before}WHEN (${condition} AND `,
  );
}

/** Creates the triggers on the new version, where they do not fire for writes that are carried over. */
export async function createOnNew(
  connection: Connection,
  names: OnlineNames,
  triggers: readonly UserTrigger[],
  mapping: Mapping,
): Promise<void> {
  for (const trigger of triggers) await put(connection, names.newSql, inNew(trigger, mapping), notCarried(names));
}

/**
 * Makes the triggers of the old version heed what is carried over too. Throws CHECK_FAILED where they are not those any more that the new version was
 * made with.
 */
export async function guardOld(
  connection: Connection,
  names: OnlineNames,
  oid: number,
  triggers: readonly UserTrigger[],
): Promise<void> {
  if (!isDeepStrictEqual(await readUserTriggers(connection, oid), [...triggers])) {
    throw new PolyshiftError('CHECK_FAILED', `The triggers of ${names.oldSql} have changed since its new version was made.`, {
      hint: 'Take the migration back, and apply it again.',
    });
  }
  for (const trigger of triggers) await put(connection, names.oldSql, trigger, notCarried(names));
}

/**
 * Gives the triggers of a version their own form back. One that is no longer as polyshift has made it stays as it is, and so do comments and what is
 * enabled.
 *
 * @param mapping for the new version: under which names it has the fields
 */
export async function restoreTriggers(
  connection: Connection,
  names: OnlineNames,
  triggers: readonly UserTrigger[],
  mapping?: Mapping,
): Promise<void> {
  const table = mapping ? names.newSql : names.oldSql;
  const current = await readUserTriggers(connection, await oidOf(connection, table));
  for (const trigger of triggers) {
    const found = current.find((each) => each.name === trigger.name);
    if (!found?.tail.includes(names.carried)) continue;
    const own = mapping ? inNew(trigger, mapping) : trigger;
    const { enabled, comment, constraint_comment, extensions } = found;
    await put(connection, table, { ...own, enabled, comment, constraint_comment, extensions });
  }
}

/** Whether both versions have the triggers still that the new one was made with; nothing where there are none. */
export async function checkSameTriggers(
  connection: Connection,
  names: OnlineNames,
  triggers: readonly UserTrigger[],
): Promise<Check[]> {
  const changed: string[] = [];
  for (const table of [names.oldSql, names.newSql]) {
    const left = new Map((await readUserTriggers(connection, await oidOf(connection, table))).map((each) => [each.name, each]));
    for (const { name, enabled } of triggers) {
      const found = left.get(name);
      left.delete(name);
      if (!found?.tail.includes(names.carried) || found.enabled !== enabled) changed.push(`${name} on ${table}`);
    }
    changed.push(...[...left.keys()].map((name) => `${name} on ${table}`));
  }
  if (changed.length > 0)
    return [
      fail(
        'same_triggers',
        `triggers were changed while two versions are in use: ${changed.join(', ')}`,
        'Undo that, or take the migration back and apply it again; change triggers when it is final.',
      ),
    ];
  return triggers.length === 0 ? [] : [pass('same_triggers', `both versions have the ${triggers.length} triggers`)];
}

async function oidOf(connection: Queryable, table: string): Promise<number> {
  return (await connection.row<{ oid: number }>('SELECT $1::regclass::oid AS oid', [table]))!.oid;
}

/** The trigger as the new version has it: the fields of its UPDATE OF may have other names there. */
function inNew(trigger: UserTrigger, { newColumns }: Mapping): UserTrigger {
  return { ...trigger, columns: trigger.columns.map((name) => newColumns.find(({ old }) => old === name)?.name ?? name) };
}

const enable: Readonly<Record<string, string>> = { O: 'ENABLE', D: 'DISABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS' };

/** Creates a trigger, or replaces the one of its name: but for constraint triggers, nobody who reads is waited for. */
async function put(connection: Connection, table: string, trigger: UserTrigger, condition?: string): Promise<void> {
  const name = quote(trigger.name);
  const tail = condition === undefined ? trigger.tail : withCondition(trigger.tail, condition);
  const create = `${head(trigger, name, trigger.columns.map(quote), table)}${tail}`;
  await withQualifiedNames(connection, async () => {
    if (!trigger.constraint) await connection.execute(create.replace('CREATE', 'CREATE OR REPLACE'));
    else {
      await connection.execute(`DROP TRIGGER IF EXISTS ${name} ON ${table}`);
      await connection.execute(create);
    }
    await connection.execute(`ALTER TABLE ${table} ${enable[trigger.enabled]} TRIGGER ${name}`);
    const { comment, constraint_comment, extensions } = trigger;
    if (comment !== null) await connection.execute(`COMMENT ON TRIGGER ${name} ON ${table} IS ${literal(comment)}`);
    if (constraint_comment !== null)
      await connection.execute(`COMMENT ON CONSTRAINT ${name} ON ${table} IS ${literal(constraint_comment)}`);
    for (const extension of extensions)
      await connection.execute(`ALTER TRIGGER ${name} ON ${table} DEPENDS ON EXTENSION ${quote(extension)}`);
  });
}
