import type { Check, Operation, OperationHandler, OperationHandlers } from '@polyshift/core';
import { fail, innerOperations, pass } from '@polyshift/core';
import { asideColumnPrefix, isWritable, readTable, requireRowKey, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { literal } from '../identifiers.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import { mentions, tokenize } from '../sql-tokens.ts';
import { actingKeys } from './acting-keys.ts';
import { aliasesOf } from './aliases.ts';
import { backSql } from './build-mapping.ts';
import { incomingFit } from './incoming-keys.ts';
import { partChecks } from './part-checks.ts';
import { changesOf } from './parts.ts';
import { triggersFit } from './user-trigger-checks.ts';

type Operate = Operation<'online_change'>;

/** Words of SQL that give something else each time: the two versions could not be held against each other. */
const fleeting =
  /^(now|sysdate|current_timestamp|localtime|localtimestamp|curdate|curtime|current_date|current_time|utc_timestamp|utc_date|utc_time|unix_timestamp|rand|uuid|uuid_short|connection_id|user|current_user|session_user|system_user|last_insert_id|row_count|found_rows|sleep|nextval|lastval)$/i;

/** What must hold before two versions can be in use. Throws what the table itself cannot have: no key, no transactions. */
export async function onlineChecks(operation: Operate, handlers: OperationHandlers, connection: Connection): Promise<Check[]> {
  const table = await readTable(connection, operation.collection);
  requireRowKey(table);
  const problems = [
    ...(await partChecks(operation, connection, table)),
    await triggersFit(operation, connection, table),
    actingKeys(operation, table),
    await incomingFit(operation, connection, table),
    await viewsOver(connection, table),
    keptColumns(table),
    keyStays(operation, table),
    ...expressions(operation, table),
    backValues(operation, table),
  ].filter((check) => check !== undefined);
  if (problems.length > 0) return problems;
  // Whether triggers may be created, the server says best.
  await onTrialTable(connection, table.sql, async (trial) => {
    const name = `${trial.slice(0, -1)}_t\``;
    await connection.execute(`CREATE TRIGGER ${name} AFTER INSERT ON ${trial} FOR EACH ROW SET @polyshift_trial = 1`);
  });
  return [pass('two_versions', `${table.name} can have two versions`), ...(await innerChecks(operation, handlers))];
}

async function viewsOver(connection: Connection, table: Table): Promise<Check | undefined> {
  const own = await aliasesOf(connection, table);
  const rows = await connection.rows<{ name: string; definition: string }>(
    `SELECT table_name AS name, view_definition AS definition FROM information_schema.views WHERE table_schema = ${literal(table.schema)}`,
  );
  const names = rows
    .filter(({ name, definition }) => !own.includes(name) && mentions(definition, table.name))
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return fail('dependents', `the views ${names.join(', ')} need ${table.name}`, 'Drop or change these first.');
}

function keptColumns(table: Table): Check | undefined {
  if (!table.allColumns.some(({ name }) => name.startsWith(asideColumnPrefix))) return undefined;
  return fail('nothing_kept', `${table.name} still keeps a removed column`, 'Finalize the migration that has removed it first.');
}

function keyStays(operation: Operate, table: Table): Check | undefined {
  let key = [...table.rowKey];
  for (const inner of innerOperations(operation)) {
    const changed = changedFields(inner).filter((name) => key.includes(name));
    if (changed.length > 0)
      return fail(
        'key_field',
        `${changed.join(', ')} identifies the rows of ${table.name}, and must stay what it is`,
        'Change the key in a migration of its own, without --online.',
      );
    if (inner.type === 'rename_field') key = key.map((name) => (name === inner.data.old_name ? inner.data.new_name : name));
  }
  const given = table.rowKey.filter((name) => operation.data.back?.[name] !== undefined);
  if (given.length === 0) return undefined;
  return fail('key_field', `back gives the key ${given.join(', ')} another value`, 'Leave it out.');
}

/** Fields whose values an operation reckons or takes away. */
function changedFields(inner: Operation): string[] {
  if (inner.type === 'remove_field') return [inner.data.field_name];
  if (inner.type === 'change_type') return inner.data.using === undefined ? [] : [inner.data.field_name];
  if (inner.type !== 'migrate_data') return [];
  const stages = (inner.data.pipeline ?? []) as Record<string, unknown>[];
  return [
    ...Object.keys(inner.data.set ?? {}),
    ...stages.flatMap((stage) => Object.keys((stage['$set'] ?? stage['$addFields'] ?? {}) as object)),
  ];
}

function expressions(operation: Operate, table: Table): (Check | undefined)[] {
  const texts = [
    ...innerOperations(operation).flatMap((inner) => {
      if (inner.type === 'change_type') return inner.data.using === undefined ? [] : [inner.data.using];
      return inner.type === 'migrate_data' ? Object.values(inner.data.set ?? {}).map(String) : [];
    }),
    ...Object.entries(operation.data.back ?? {}).map(([field, value]) => backSql(field, value)),
  ];
  const columns = table.columns.map(({ name }) => name.toLowerCase());
  return texts.map((text) => {
    const found = tokenize(text).find(
      ({ kind, text: word }) => kind === 'word' && fleeting.test(word) && !columns.includes(word.toLowerCase()),
    );
    if (!found) return undefined;
    return fail(
      'same_each_time',
      `${found.text} in ${text.trim()} gives something else each time: rows of two versions could not be compared`,
      'Use an expression over the row alone.',
    );
  });
}

/** What the old version must have and the new one cannot give would refuse every row that the new one writes. */
function backValues(operation: Operate, table: Table): Check | undefined {
  const back = operation.data.back ?? {};
  const unknown = Object.keys(back).filter((name) => !table.columns.some((column) => column.name === name));
  if (unknown.length > 0)
    return fail('back_fields', `${table.name} has no column ${unknown.join(', ')}, which back names`, 'Correct the name.');
  const names = new Map(table.columns.map(({ name }) => [name, name]));
  for (const inner of innerOperations(operation)) {
    if (inner.type === 'rename_field') {
      const origin = names.get(inner.data.old_name);
      names.delete(inner.data.old_name);
      if (origin !== undefined) names.set(inner.data.new_name, origin);
    }
    if (inner.type === 'remove_field') names.delete(inner.data.field_name);
  }
  const carried = [...names.values()];
  const lacking = table.columns.filter(
    (column) =>
      isWritable(column) &&
      !column.nullable &&
      column.default === undefined &&
      column.generated === undefined &&
      !carried.includes(column.name) &&
      back[column.name] === undefined,
  );
  if (lacking.length === 0) return undefined;
  const list = lacking.map(({ name }) => name).join(', ');
  return fail(
    'back_values',
    `${list} must have a value in the old version, and rows that the new version writes would have none`,
    `Give data.back.${lacking[0]!.name} an expression over the fields of the new version.`,
  );
}

/** The checks of the operations within, as long as none before them has touched the fields that they name; the copy finds out the rest. */
async function innerChecks(operation: Operate, handlers: OperationHandlers): Promise<Check[]> {
  const checks: Check[] = [];
  const touched = new Set<string>();
  for (const inner of changesOf(operation)) {
    const words = tokenize(JSON.stringify(inner.data)).flatMap(
      ({ text }) => text.toLowerCase().match(/[\w$\u0080-\uffff]+/g) ?? [],
    );
    const handler = handlers[inner.type] as OperationHandler | undefined;
    if (handler && !words.some((word) => touched.has(word)))
      checks.push(...(await handler.check(inner)).filter(({ check }) => check !== 'dependents'));
    for (const name of namedFields(inner)) touched.add(name.toLowerCase());
  }
  return checks;
}

/** The fields that are not what they were after an operation. */
function namedFields(inner: Operation): string[] {
  if (inner.type === 'rename_field') return [inner.data.old_name, inner.data.new_name];
  if (inner.type === 'add_field' || inner.type === 'remove_field' || inner.type === 'change_type') return [inner.data.field_name];
  if (inner.type === 'drop_constraint')
    return [inner.data.name, ...(inner.data.not_null === undefined ? [] : [inner.data.not_null])];
  return changedFields(inner);
}
