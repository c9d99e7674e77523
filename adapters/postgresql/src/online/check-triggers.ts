import { type Check, fail, innerOperations, type Operation, partsOf, pass } from '@polyshift/core';
import { type Table, withQualifiedNames } from '../catalog/table.ts';
import { findTable } from '../catalog/table-name.ts';
import type { Queryable } from '../connection.ts';
import { quote } from '../identifiers.ts';
import { readUserTriggers } from './user-triggers.ts';

/** By this in its text a function says that it works on the rows of both versions. */
const bothVersions = /polyshift:\s*both versions/i;

type Called = { name: string; function: string; source: string; own: boolean };

/** Whether the triggers of the table can have their place on both versions; nothing where it has none. */
export async function checkTriggers(
  connection: Queryable,
  table: Table,
  operation: Operation<'online_change'>,
): Promise<Check[]> {
  const triggers = await readUserTriggers(connection, table.oid);
  if (triggers.length === 0) return [];
  const names = triggers.map(({ name }) => name).join(', ');
  if (partsOf(operation).length > 0) {
    return [
      fail(
        'no_triggers',
        `${table.name} has triggers, which nobody can tell where to fire when it is split or merged: ${names}`,
        'Drop the triggers first, or apply the migration without --online.',
      ),
    ];
  }
  const called = await withQualifiedNames(connection, () =>
    connection.rows<Called>(
      `SELECT t.tgname::text AS name, p.oid::regprocedure::text AS function, p.prosrc AS source, t.tgconstrrelid = t.tgrelid AS own
       FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = $1 AND NOT t.tgisinternal`,
      [table.oid],
    ),
  );
  const cascades = await cascadesToItself(connection, table, operation);
  if (cascades.length > 0) {
    return [
      fail(
        'no_triggers',
        `${table.name} has triggers (${names}), and keys by which the store changes rows of it because of others of it (${cascades.join(', ')}): nobody can tell for which version these fire`,
        'Drop the triggers or these keys first, or apply the migration without --online.',
      ),
    ];
  }
  const changed = changedFields(innerOperations(operation), table);
  const checks: Check[] = [];
  for (const { name, columns, tail } of triggers) {
    const { function: signature, source, own } = called.find((each) => each.name === name)!;
    if (own) {
      checks.push(fail('no_triggers', `the constraint trigger ${name} of ${table.name} refers to its own table`, again));
      continue;
    }
    for (const [field, how] of changed) {
      const says = `${field}, which is ${how}`;
      // A name of UPDATE OF is translated; the condition and the arguments are not.
      if (defines(tail, field) || (columns.includes(field) && how !== 'renamed'))
        checks.push(fail('triggers_fit', `the trigger ${name} of ${table.name} is defined over ${says}`, again));
      else if (mentions(source, field) && !bothVersions.test(source))
        checks.push(
          fail(
            'triggers_fit',
            `the trigger ${name} of ${table.name} calls ${signature}, whose text names ${says}`,
            'Change the function so that it works on the rows of both versions, and say so in it by a comment, `polyshift: both versions`; or drop the trigger first, and create it again after finalize.',
          ),
        );
    }
  }
  return checks.length > 0 ? checks : [pass('triggers_fit', `the triggers of ${table.name} can be on both versions: ${names}`)];
}

const again = 'Drop the trigger first, and create it again after finalize.';

/** The keys of the table that refer to itself, with an action, and those that the operations add. */
async function cascadesToItself(connection: Queryable, table: Table, operation: Operation<'online_change'>): Promise<string[]> {
  const found = await connection.rows<{ name: string }>(
    `SELECT conname::text AS name FROM pg_constraint WHERE contype = 'f' AND conrelid = $1 AND confrelid = $1
     AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('c', 'n', 'd')) ORDER BY conname`,
    [table.oid],
  );
  const names = found.map(({ name }) => name);
  for (const each of innerOperations(operation)) {
    if (each.type !== 'add_constraint' || each.data.constraint.kind !== 'foreign_key') continue;
    const { references, on_delete, on_update } = each.data.constraint;
    const acts = [on_delete, on_update].some((action) => action !== 'no_action' && action !== 'restrict');
    if (acts && (await findTable(connection, references.collection))?.oid === table.oid) names.push(each.data.name);
  }
  return names;
}

/** Fields of the old version that are not there under their name, or of another type, in the new one. */
function changedFields(operations: readonly Operation[], { columns }: Table): Map<string, string> {
  /** By the names that they have by then. */
  const olds = new Map(columns.map(({ name }) => [name, name]));
  const changed = new Map<string, string>();
  for (const operation of operations) {
    if (operation.type === 'rename_field') {
      const { old_name, new_name } = operation.data;
      const old = olds.get(old_name);
      olds.delete(old_name);
      if (old === undefined) continue;
      olds.set(new_name, old);
      if (!changed.has(old)) changed.set(old, 'renamed');
    }
    if (operation.type !== 'remove_field' && operation.type !== 'change_type') continue;
    const old = olds.get(operation.data.field_name);
    if (old !== undefined) changed.set(old, operation.type === 'remove_field' ? 'removed' : 'retyped');
    if (operation.type === 'remove_field') olds.delete(operation.data.field_name);
  }
  return changed;
}

/** Whether a trigger has a field in its condition, where the server prints it behind `old.` or `new.`, or in the arguments of its function. */
function defines(tail: string, field: string): boolean {
  const [, args = ''] = /(?= EXECUTE )[^(]*\((.*)\)$/s.exec(tail) ?? [];
  return (
    ['old', 'new'].some((row) => mentions(tail, `${row}.${field}`) || tail.includes(`${row}.${quote(field)}`)) ||
    mentions(args, field)
  );
}

/** Whether a text has a name in it as a word of its own, in any letter case. */
function mentions(text: string, name: string): boolean {
  const word = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_$])${word}(?![\\p{L}\\p{N}_$])`, 'iu').test(
    text.replaceAll('""', '"').replaceAll("''", "'"),
  );
}
