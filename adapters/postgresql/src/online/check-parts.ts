import { type Check, fail, innerOperations, type JsonObject, type Operation, partsOf, pass, warn } from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import type { Queryable } from '../connection.ts';
import { uniqueStatement } from '../constraints/unique-key.ts';
import { columnDependents } from '../handler/dependents.ts';
import { checkTable } from './check-table.ts';
import { checkTriggers } from './check-triggers.ts';
import { mergedFields, splitName } from './part-tables.ts';

type Change = Operation<'online_change'>;
type Split = NonNullable<Change['data']['split']>[number];
type Merge = NonNullable<Change['data']['merge']>[number];

/** Whether the tables of a split or merge are such that they can be. `table` is the old version, which can have two versions. */
export async function checkParts(connection: Queryable, operation: Change, table: Table): Promise<Check[]> {
  const { split = [], merge = [] } = operation.data;
  if (partsOf(operation).length === 0) return [];
  const checks = checkShared(operation, table);
  for (const each of split) checks.push(...(await checkSplit(connection, operation, table, each)));
  for (const each of merge) checks.push(...(await checkMerge(connection, operation, table, each)));
  if (checks.some(({ status }) => status === 'FAILED')) return checks;
  return [...checks, pass('split_merge', `${table.name} can be split or merged with ${partsOf(operation).join(', ')}`)];
}

/** What is true of all splits and merges together. */
function checkShared(operation: Change, table: Table): Check[] {
  const checks: Check[] = [];
  for (const name of twice(partsOf(operation)))
    checks.push(fail('parts_once', `${name} stands more than once among the splits and merges`, 'Name each table once.'));
  for (const name of twice((operation.data.split ?? []).flatMap(({ fields }) => fields)))
    checks.push(fail('split_once', `${name} is split off more than once`, 'A field can stand in one table only.'));
  for (const each of innerOperations(operation)) {
    const fields = mentioned(each.data as JsonObject);
    if (each.type === 'change_type' && table.rowKey.includes(each.data.field_name))
      checks.push(
        fail(
          'split_key',
          `the type of ${each.data.field_name} changes, by which the rows of both tables find each other`,
          'Change it in a migration of its own.',
        ),
      );
    for (const { fields: moved, into } of operation.data.split ?? [])
      for (const field of moved.filter((name) => fields.has(name)))
        checks.push(
          fail(
            'split_fields',
            `${each.type} touches ${field}, which stands in ${into} in the new version`,
            'Change it in a migration of its own.',
          ),
        );
  }
  for (const field of Object.keys((operation.data.back ?? {}) as JsonObject))
    if ((operation.data.split ?? []).some(({ fields }) => fields.includes(field)))
      checks.push(
        fail(
          'split_fields',
          `back gives ${field}, which the old version gets from the table that it is split into`,
          `Leave it out of back.`,
        ),
      );
  return checks;
}

/** All names and texts of an operation, as far as they may be fields. */
function mentioned(data: unknown): Set<string> {
  const found = new Set<string>();
  const add = (value: unknown): void => {
    if (typeof value === 'string') found.add(value.startsWith('$') ? value.slice(1) : value);
    else if (Array.isArray(value)) value.forEach(add);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) {
        found.add(key);
        add(each);
      }
  };
  add(data);
  return found;
}

async function checkSplit(
  connection: Queryable,
  operation: Change,
  table: Table,
  { into, fields, key }: Split,
): Promise<Check[]> {
  const checks: Check[] = [];
  const name = splitName(into, table.schema);
  if (await tableIn(connection, table.schema, name))
    checks.push(fail('split_target', `there is a table ${name} already`, 'Rename or drop it, or give the new one another name.'));
  const named = key ?? table.rowKey;
  if (named.length !== table.rowKey.length)
    checks.push(
      fail(
        'split_key',
        `the key of ${table.name} has ${table.rowKey.length} fields (${table.rowKey.join(', ')}), and ${into} names ${named.length}`,
        'Name as many.',
      ),
    );
  for (const field of twice([...named, ...fields]))
    checks.push(fail('split_key', `${into} would have ${field} twice`, 'Give its key other names by key.'));
  for (const field of fields) {
    const column = requireColumn(table, field);
    if (table.rowKey.includes(field))
      checks.push(
        fail('split_fields', `${field} identifies the rows of ${table.name}`, 'Leave it there; the new table has it as its key.'),
      );
    else if (!column.nullable)
      checks.push(
        fail(
          'split_nullable',
          `${field} may not be null: the new application makes a row of ${table.name} before the one of ${into}, and the old version would refuse it`,
          `Let it be null first, by drop_constraint or run_sql.`,
        ),
      );
    if (column.generated !== undefined)
      checks.push(fail('split_fields', `the store gives ${field} its values by itself`, 'Leave it out of the split.'));
    const dependents = await columnDependents(connection, table.oid, column.number);
    if (dependents.length > 0)
      checks.push(
        fail('dependents', `other objects depend on ${field}: ${dependents.join(', ')}`, 'Drop or change these first.'),
      );
  }
  const bound = await connection.rows<{ name: string; whole: boolean }>(
    `SELECT name, bool_and(inside) AS whole FROM (
       SELECT c.conname::text AS name, a.attname = ANY($2) AS inside FROM pg_constraint c, unnest(c.conkey) AS k(number) JOIN pg_attribute a ON a.attrelid = $1 AND a.attnum = k.number
       WHERE c.conrelid = $1 AND c.contype <> 'n'
       UNION ALL SELECT x.relname::text, a.attname = ANY($2) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
         JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND d.refobjsubid > 0
         JOIN pg_attribute a ON a.attrelid = $1 AND a.attnum = d.refobjsubid WHERE i.indrelid = $1
         AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = $1)
     ) AS parts GROUP BY name HAVING bool_or(inside) ORDER BY name`,
    [table.oid, fields],
  );
  const torn = bound.filter(({ whole }) => !whole).map((each) => each.name);
  if (torn.length > 0)
    checks.push(
      fail(
        'split_bound',
        `${torn.join(', ')} of ${table.name} needs fields of both tables`,
        'Drop them first; in one of the tables they cannot be.',
      ),
    );
  const left = bound.filter(({ whole }) => whole).map((each) => each.name);
  if (left.length > 0)
    checks.push(
      warn(
        'split_bound',
        `${left.join(', ')} of ${operation.collection} ends with the old version: ${into} has its fields and nothing else`,
        `Add them to ${into} by a later migration where they are needed.`,
      ),
    );
  return checks;
}

async function checkMerge(
  connection: Queryable,
  operation: Change,
  table: Table,
  { from, fields: given, key: named }: Merge,
): Promise<Check[]> {
  const other = await readTable(connection, from);
  if (other.oid === table.oid) return [fail('merge_table', `${from} is the table itself`, 'Name another one.')];
  const checks = (await checkTable(connection, other)).filter(({ status }) => status === 'FAILED');
  if (checks.length > 0) return checks;
  checks.push(...(await checkTriggers(connection, other, operation)));
  const key = named ?? other.rowKey;
  const columns = key.map((field) => requireColumn(other, field));
  const own = table.rowKey.map((field) => requireColumn(table, field));
  const pairs = own.map(({ name }, at) => ({ name, other: columns[at]?.name }));
  if (columns.length !== own.length || own.some(({ native }, at) => native !== columns[at]!.native))
    return [
      ...checks,
      fail(
        'merge_key',
        `${key.join(', ')} of ${from} and ${table.rowKey.join(', ')} of ${table.name} are not of the same types`,
        'Name the fields that hold the key by key.',
      ),
    ];
  const unique = await connection.row<{ fits: boolean }>(uniqueStatement, [other.oid, JSON.stringify(key)]);
  if (!unique?.fits || columns.some(({ nullable }) => nullable))
    checks.push(
      fail(
        'merge_key',
        `${key.join(', ')} is not the primary key of ${from}, nor unique and never null: it may have several rows for one of ${table.name}`,
        'Make it so first.',
      ),
    );
  const reference = await connection.row<{ there: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_constraint c WHERE c.contype = 'f' AND c.convalidated AND c.conrelid = $1 AND c.confrelid = $2
       AND (SELECT array_agg(a.attname || '=' || b.attname ORDER BY a.attname) FROM unnest(c.conkey, c.confkey) AS k(own, there)
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.there)
       = (SELECT array_agg(p->>'other' || '=' || (p->>'name') ORDER BY p->>'other') FROM json_array_elements($3::json) AS p)) AS there`,
    [other.oid, table.oid, JSON.stringify(pairs)],
  );
  if (!reference!.there)
    checks.push(
      fail(
        'merge_reference',
        `${from} has no validated foreign key from ${key.join(', ')} to ${table.rowKey.join(', ')} of ${table.name}: it may have rows that belong to none`,
        'Add one first, by add_constraint.',
      ),
    );
  const fields = mergedFields(other, given, key);
  for (const field of given ?? []) requireColumn(other, field);
  const lost = other.columns.map(({ name }) => name).filter((name) => !key.includes(name) && !fields.includes(name));
  if (lost.length > 0)
    checks.push(
      fail(
        'merge_fields',
        `${lost.join(', ')} of ${from} would be lost`,
        'Name them in fields too, or leave fields out; or remove them first.',
      ),
    );
  if (fields.length === 0) checks.push(fail('merge_fields', `${from} has no fields but its key`, 'Drop it by drop_collection.'));
  for (const field of fields) {
    if (table.columns.some(({ name }) => name === field))
      checks.push(fail('merge_names', `${table.name} has a field ${field} already`, 'Rename one of them first.'));
    if (key.includes(field))
      checks.push(fail('merge_fields', `${field} is part of the key of ${from}`, 'Leave it out of fields.'));
    if (requireColumn(other, field).generated !== undefined)
      checks.push(
        fail('merge_fields', `the store gives ${field} of ${from} its values by itself`, 'Make it a plain field first.'),
      );
  }
  if (other.name === table.name)
    checks.push(fail('merge_table', `${from} has the same name as ${table.name}`, 'Rename it first.'));
  const referring = await connection.rows<{ name: string }>(
    `SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint WHERE contype = 'f' AND confrelid = $1 ORDER BY 1`,
    [other.oid],
  );
  if (referring.length > 0)
    checks.push(
      fail(
        'merge_referred',
        `foreign keys of ${referring.map(({ name }) => name).join(', ')} refer to ${from}, which ends`,
        `Let them refer to ${table.name} first.`,
      ),
    );
  const rules = await connection.rows<{ name: string }>(
    `SELECT conname::text AS name FROM pg_constraint WHERE conrelid = $1 AND (contype IN ('c', 'u', 'x') OR (contype = 'f' AND confrelid <> $2)) ORDER BY 1`,
    [other.oid, table.oid],
  );
  if (rules.length > 0)
    checks.push(
      warn(
        'merge_bound',
        `${rules.map(({ name }) => name).join(', ')} of ${from} ends with it: the new version has its fields and nothing else`,
        'Add them by a later migration where they are needed.',
      ),
    );
  return checks;
}

function twice(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}
