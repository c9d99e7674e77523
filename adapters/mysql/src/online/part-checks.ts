import type { Check, Operation } from '@polyshift/core';
import { fail, innerOperations } from '@polyshift/core';
import {
  asideColumnPrefix,
  fieldsOf,
  isWritable,
  readDefinition,
  requireTransactions,
  type Table,
  type TableColumn,
} from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import type { Connection } from '../connection.ts';
import { checkName, literal } from '../identifiers.ts';
import { mentions } from '../sql-tokens.ts';
import { partName } from './parts.ts';
import { actionOf, referenceOf } from './reference.ts';

type Operate = Operation<'online_change'>;

/** What is in the way of the splits and merges of a change; empty where nothing is. */
export async function partChecks(operation: Operate, connection: Connection, table: Table): Promise<Check[]> {
  const found: (Check | undefined)[] = [names(operation, table), untouched(operation)];
  for (const split of operation.data.split ?? []) found.push(await splitProblem(operation, split, connection, table));
  for (const merge of operation.data.merge ?? []) found.push(await mergeProblem(operation, merge, connection, table));
  return found.filter((check) => check !== undefined);
}

/** A column or table that two parts name. */
function names({ data, collection }: Operate, table: Table): Check | undefined {
  const tables = [table.name, ...(data.split ?? []).map(({ into }) => into), ...(data.merge ?? []).map(({ from }) => from)];
  const fields = (data.split ?? []).flatMap((split) => split.fields);
  const twice = [...tables, ...fields.map((field) => `${collection}.${field}`)].find(
    (name, index, all) => all.findIndex((each) => each.toLowerCase() === name.toLowerCase()) !== index,
  );
  if (twice === undefined) return undefined;
  return fail('parts', `splits and merges name ${twice} twice`, 'Name each table and each field once.');
}

/** What changes a field that also moves would have to happen in two tables. */
function untouched(operation: Operate): Check | undefined {
  const { data } = operation;
  const moved = [
    ...(data.split ?? []).flatMap(({ fields }) => fields),
    ...(data.merge ?? []).flatMap(({ fields }) => fields ?? []),
  ];
  const texts = [
    ...innerOperations(operation).map((inner) => JSON.stringify([inner.data, inner.conditions])),
    JSON.stringify(data.back ?? {}),
  ];
  const words = new Set(texts.flatMap((text) => text.toLowerCase().match(/[\w$\u0080-\uffff]+/g) ?? []));
  const touched = moved.filter((field) => words.has(field.toLowerCase()));
  if (touched.length === 0) return undefined;
  return fail(
    'parts',
    `the operations or back name ${touched.join(', ')}, which a split or merge moves as it is`,
    'Change these fields in a migration of their own, before this one or behind it.',
  );
}

async function splitProblem(
  operation: Operate,
  { into, fields, key }: NonNullable<Operate['data']['split']>[number],
  connection: Connection,
  table: Table,
): Promise<Check | undefined> {
  const name = checkName(partName(operation, table, into));
  const keys = key ?? table.rowKey;
  const acting = table.constraints.filter(({ kind, definition }) => kind === 'foreign_key' && actionOf(definition) !== undefined);
  const columns = fields.map((field) => table.columns.find((column) => column.name === field));
  const problem = (text: string, action: string): Check =>
    fail('split', `${into} cannot get the fields of ${table.name}: ${text}`, action);
  if (acting.length > 0)
    return problem(
      `foreign keys of it change rows by themselves, which fires no trigger: ${acting.map((each) => each.name).join(', ')}`,
      'Drop them by drop_constraint, and add them again when the change is final.',
    );
  if (await tableIn(connection, table.schema, name)) return problem('there is such a table already', 'Choose another name.');
  const unknown = fields.filter((_, index) => columns[index] === undefined);
  if (unknown.length > 0) return problem(`it has no column ${unknown.join(', ')}`, 'Correct the name.');
  const inKey = fields.filter((field) => table.rowKey.includes(field));
  if (inKey.length > 0)
    return problem(`${inKey.join(', ')} identifies its rows`, 'Leave it out; each row there has the key by itself.');
  if (keys.length !== table.rowKey.length)
    return problem(`its key has ${table.rowKey.length} columns (${table.rowKey.join(', ')})`, 'Give key as many names.');
  const clash = keys.find((each, index) =>
    [...keys.slice(0, index), ...fields].some((other) => other.toLowerCase() === each.toLowerCase()),
  );
  if (clash !== undefined) return problem(`it would have two columns ${clash}`, 'Give key other names.');
  const computed = named(columns, (column) => !isWritable(column) || column.generated !== undefined);
  if (computed !== '') return problem(`the store computes ${computed}`, 'Leave these columns out.');
  const required = named(columns, (column) => !column.nullable);
  if (required !== '')
    return problem(
      `${required} must have a value, and the new version makes a row of ${table.name} before that of ${into}`,
      'Drop NOT NULL first, by drop_constraint in a migration before this one.',
    );
  const given = named(columns, (column) => column.default !== undefined);
  if (given !== '')
    return problem(
      `${given} has a default, which each new row would get there`,
      'Drop the default first, by set_default in a migration before this one.',
    );
  return undefined;
}

async function mergeProblem(
  operation: Operate,
  { from, fields, key }: NonNullable<Operate['data']['merge']>[number],
  connection: Connection,
  table: Table,
): Promise<Check | undefined> {
  const found = await tableIn(connection, table.schema, partName(operation, table, from));
  const problem = (text: string, action: string): Check =>
    fail('merge', `${table.name} cannot get the fields of ${from}: ${text}`, action);
  if (found?.kind !== 'table') return problem(`there is no such table in ${table.schema}`, 'Correct the name.');
  requireTransactions(found);
  const other = await readDefinition(connection, found);
  const keys = key ?? other.rowKey;
  return (
    keyProblem(keys, other, table, problem) ??
    fieldProblem(keys, fields, other, table, problem) ??
    (await surroundings(connection, other, keys, problem))
  );
}

type Problem = (text: string, action: string) => Check;

function keyProblem(keys: readonly string[], other: Table, table: Table, problem: Problem): Check | undefined {
  const columns = keys.map((name) => other.columns.find((column) => column.name === name));
  if (
    keys.length === 0 ||
    keys.length !== table.rowKey.length ||
    columns.some((column) => column === undefined || column.nullable)
  )
    return problem(
      `its key must be ${table.rowKey.length} columns that are never null, in the order of ${table.rowKey.join(', ')}`,
      'Name them by key.',
    );
  const unique = other.indexes.some((index) => {
    const indexed = fieldsOf(index);
    return (
      (index.kind === 'primary' || index.kind === 'unique') &&
      indexed.length === keys.length &&
      keys.every((name) => indexed.includes(name))
    );
  });
  if (!unique)
    return problem(`${keys.join(', ')} is neither its primary key nor unique`, 'Add a unique key first, by add_constraint.');
  const differing = keys.filter((_, index) => {
    const origin = table.columns.find(({ name }) => name === table.rowKey[index])!;
    return columns[index]!.native !== origin.native || columns[index]!.collation !== origin.collation;
  });
  if (differing.length > 0)
    return problem(
      `${differing.join(', ')} has another type than the key of ${table.name}`,
      'Change its type first, by change_type.',
    );
  const refers = other.constraints.some(({ kind, fields, definition }) => {
    if (kind !== 'foreign_key') return false;
    const { schema, table: parent, columns: referred } = referenceOf(definition);
    const pairs = new Map(fields.map((field, index) => [field, referred[index]]));
    return (
      (schema ?? table.schema) === table.schema &&
      parent === table.name &&
      pairs.size === keys.length &&
      keys.every((name, index) => pairs.get(name) === table.rowKey[index])
    );
  });
  if (refers) return undefined;
  return problem(
    `no foreign key from ${keys.join(', ')} to its key says that each row has its own there`,
    'Add one first, by add_constraint in a migration before this one.',
  );
}

function fieldProblem(
  keys: readonly string[],
  fields: readonly string[] | undefined,
  other: Table,
  table: Table,
  problem: Problem,
): Check | undefined {
  const own = other.columns.filter(({ name }) => !keys.includes(name));
  const unknown = fields?.filter((field) => !own.some(({ name }) => name === field)) ?? [];
  if (unknown.length > 0) return problem(`it has no column ${unknown.join(', ')}`, 'Correct the name.');
  const lost = own.filter(({ name }) => fields !== undefined && !fields.includes(name)).map(({ name }) => name);
  if (lost.length > 0)
    return problem(`${lost.join(', ')} would be lost with it`, 'Name all of its fields, or remove these first.');
  if (own.length === 0) return problem('it has nothing but its key', 'Drop it by drop_collection when the change is final.');
  const computed = named(own, (column) => column.generated !== undefined);
  if (computed !== '') return problem(`the store computes ${computed}`, 'Remove these columns first.');
  const taken = own.filter(({ name }) => table.columns.some((column) => column.name.toLowerCase() === name.toLowerCase()));
  if (taken.length > 0)
    return problem(
      `it has ${taken.map(({ name }) => name).join(', ')} already`,
      'Rename these columns first, by rename_field in a migration before this one.',
    );
  return undefined;
}

/** What else hangs on a table that ends. */
async function surroundings(
  connection: Connection,
  other: Table,
  keys: readonly string[],
  problem: Problem,
): Promise<Check | undefined> {
  if (other.allColumns.some(({ name }) => name.startsWith(asideColumnPrefix)))
    return problem('it still keeps a removed column', 'Finalize the migration that has removed it first.');
  const acting = other.constraints.filter(
    ({ kind, fields, definition }) =>
      kind === 'foreign_key' && actionOf(definition) !== undefined && !keys.every((key) => fields.includes(key)),
  );
  const triggers = await connection.rows<{ name: string }>(
    `SELECT trigger_name AS name FROM information_schema.triggers WHERE event_object_schema = ${literal(other.schema)} AND event_object_table = ${literal(other.name)}`,
  );
  const pointing = await connection.rows<{ name: string; child: string }>(
    `SELECT DISTINCT constraint_name AS name, table_name AS child FROM information_schema.key_column_usage
     WHERE referenced_table_schema = ${literal(other.schema)} AND referenced_table_name = ${literal(other.name)}`,
  );
  const views = await connection.rows<{ name: string; definition: string }>(
    `SELECT table_name AS name, view_definition AS definition FROM information_schema.views WHERE table_schema = ${literal(other.schema)}`,
  );
  const list = [
    ...acting.map(({ name }) => `the foreign key ${name}, which changes its rows by itself`),
    ...triggers.map(({ name }) => `the trigger ${name}`),
    ...pointing.map(({ name, child }) => `the foreign key ${name} of ${child}`),
    ...views.filter(({ definition }) => mentions(definition, other.name)).map(({ name }) => `the view ${name}`),
  ];
  return list.length === 0 ? undefined : problem(`in the way are ${list.join(', ')}`, 'Drop or change these first.');
}

function named(columns: readonly (TableColumn | undefined)[], condition: (column: TableColumn) => boolean): string {
  return columns.flatMap((column) => (column !== undefined && condition(column) ? [column.name] : [])).join(', ');
}
