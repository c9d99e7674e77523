import type { Check, Operation } from '@polyshift/core';
import { fail, innerOperations, isPolyshiftError } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { literal, ownPrefix } from '../identifiers.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import { tokenize } from '../sql-tokens.ts';
import type { OnlineNames } from './names.ts';
import { asWritten, bodyOf, guardedTrigger, type UserTrigger, userTriggers } from './user-triggers.ts';

type Operate = Operation<'online_change'>;

const instead =
  'Drop it, and create it again when the change is final, as the new version needs it; or make the change without --online.';

/**
 * The check that the triggers of the table can be those of both versions: what they name of a row is the same in both, and the server takes them
 * again.
 */
export async function triggersFit(operation: Operate, connection: Connection, table: Table): Promise<Check | undefined> {
  const triggers = await userTriggers(connection, table.schema, table.name);
  const names = await connection.rows<{ name: string }>(
    `SELECT trigger_name AS name FROM information_schema.triggers WHERE event_object_schema = ${literal(table.schema)}
     AND event_object_table = ${literal(table.name)} AND LEFT(trigger_name, ${ownPrefix.length}) = ${literal(ownPrefix)}`,
  );
  if (names.length > 0)
    return fail('user_triggers', `${table.name} has two versions already`, 'Finalize that change, or take it back, first.');
  const collation = await connection.row<{ name: string }>(
    `SELECT default_collation_name AS name FROM information_schema.schemata WHERE schema_name = ${literal(table.schema)}`,
  );
  const parts = (operation.data.split ?? []).length + (operation.data.merge ?? []).length;
  if (triggers.length > 0 && parts > 0)
    return fail(
      'user_triggers',
      `${table.name} has triggers (${triggers.map(({ name }) => name).join(', ')}), which writes to a part of it would fire as well`,
      instead,
    );
  for (const trigger of triggers) {
    const problem =
      changedField(operation, table, trigger) ??
      namesTable(table, trigger) ??
      notAgain(trigger, collation?.name) ??
      (await refused(connection, table, trigger));
    if (problem !== undefined) return fail('user_triggers', `the trigger ${trigger.name} of ${table.name} ${problem}`, instead);
  }
  return undefined;
}

function changedField(operation: Operate, table: Table, trigger: UserTrigger): string | undefined {
  const named = rowFields(trigger);
  const origins = new Map(table.columns.map(({ name }) => [name, name]));
  for (const inner of innerOperations(operation)) {
    const field =
      inner.type === 'rename_field'
        ? inner.data.old_name
        : inner.type === 'remove_field' || inner.type === 'change_type'
          ? inner.data.field_name
          : undefined;
    const origin = field === undefined ? undefined : origins.get(field);
    if (origin === undefined) continue;
    if (named.has(origin.toLowerCase())) return `names the field ${origin}, which ${inner.type} changes`;
    if (inner.type === 'rename_field') origins.set(inner.data.new_name, origin);
    origins.delete(field!);
  }
  return undefined;
}

/** The fields of the row that a body names, as NEW.field or OLD.field, in lower case. */
function rowFields(trigger: UserTrigger): Set<string> {
  const tokens = tokenize(bodyOf(trigger)).filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  const fields = new Set<string>();
  for (const [index, { text }] of tokens.entries()) {
    const name = tokens[index + 2];
    if (/^[`"]?(NEW|OLD)[`"]?$/i.test(text) && tokens[index + 1]?.text === '.' && name) fields.add(plain(name.text));
  }
  return fields;
}

/** What reads the table by its name would see the other version. */
function namesTable(table: Table, trigger: UserTrigger): string | undefined {
  const tokens = tokenize(bodyOf(trigger)).filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  const found = tokens.some(({ kind, text }, index) => {
    if (kind === 'symbol' || (kind === 'string' && text.startsWith("'")) || plain(text) !== table.name.toLowerCase())
      return false;
    return !(tokens[index - 1]?.text === '.' && /^(NEW|OLD)$/i.test(plain(tokens[index - 2]?.text ?? '')));
  });
  return found ? `names ${table.name} itself, which is another table for each version` : undefined;
}

function notAgain(trigger: UserTrigger, collation: string | undefined): string | undefined {
  if (/\bORACLE\b/.test(trigger.mode)) return 'was written in the mode ORACLE';
  if (!/^utf8/i.test(trigger.charset) && /[\u0080-\uffff]/.test(trigger.statement))
    return `has characters beyond ASCII, and was written in the character set ${trigger.charset}`;
  if (collation !== undefined && trigger.database_collation !== collation)
    return `was created when the database had the collation ${trigger.database_collation}, and would get ${collation}`;
  return undefined;
}

/** Whether the server takes it: its definer may be one for whom this account cannot create triggers. */
async function refused(connection: Connection, table: Table, trigger: UserTrigger): Promise<string | undefined> {
  try {
    await onTrialTable(connection, table.sql, async (trial) => {
      const [row] = await connection.values('SELECT DATABASE()');
      const schema = String(row![0]);
      const name = `${trial.slice(1, -1)}_t`;
      const names = { schema, copying: '@polyshift_c', origin: '@polyshift_o', counting: '@polyshift_n' } as OnlineNames;
      await asWritten(connection, trigger, schema, [guardedTrigger(trigger, 'old', names, name, trial)]);
    });
    return undefined;
  } catch (error) {
    if (!isPolyshiftError(error) || error.code === 'CONNECTION_LOST') throw error;
    return `cannot be created again: ${error.message}`;
  }
}

function plain(text: string): string {
  return text.replace(/^[`"]|[`"]$/g, '').toLowerCase();
}
