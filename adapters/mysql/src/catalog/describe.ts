import type { CollectionSchema, ConstraintSchema, FieldSchema, IndexSchema, JsonObject, JsonValue } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import { literal } from '../identifiers.ts';
import type { TableIndex } from './create-statement.ts';
import { fieldsOf, readDefinition, type Table, type TableColumn } from './table.ts';
import type { TableName } from './table-name.ts';
import { readValidation } from './validation-holder.ts';

/** Everything there is to know about a table, in a canonical form: lists whose order says nothing are sorted. */
export async function describeTable(connection: Queryable, name: TableName): Promise<CollectionSchema> {
  const table = await readDefinition(connection, name);
  const triggers = await readTriggers(connection, name);
  const view = name.kind === 'view' ? await connection.values(`SHOW CREATE VIEW ${name.sql}`) : [];
  const options: JsonObject = {
    ...(name.kind === 'view' ? { view: String(view[0]![1]) } : { table: table.options }),
    ...(triggers.length > 0 ? { triggers } : {}),
  };
  const validation = readValidation(table.constraints);
  return {
    name: table.name,
    kind: table.kind,
    fields: table.columns.map(toField),
    key: table.primaryKey,
    indexes: sorted(table.indexes.map((index) => toIndex(index, table))),
    constraints: sorted(toConstraints(table)),
    ...(validation ? { validation } : {}),
    options,
    approximate_count: table.approximateCount,
  };
}

async function readTriggers(connection: Queryable, name: TableName): Promise<JsonValue[]> {
  if (name.kind === 'view') return [];
  const rows = await connection.values(
    `SELECT trigger_name, action_timing, event_manipulation, action_order, action_statement, definer FROM information_schema.triggers
     WHERE event_object_schema = ${literal(name.schema)} AND event_object_table = ${literal(name.name)} ORDER BY trigger_name`,
  );
  return rows as JsonValue[];
}

function toField(column: TableColumn): FieldSchema {
  return {
    name: column.name,
    type: column.type,
    native: column.native,
    nullable: column.nullable,
    ...(column.default === undefined ? {} : { default: column.default }),
    ...(column.generated === undefined ? {} : { generated: column.generated }),
    options: { definition: column.definition, ...(column.collation === undefined ? {} : { collation: column.collation }) },
  };
}

function toIndex(index: TableIndex, table: Table): IndexSchema {
  const special = index.kind === 'fulltext' || index.kind === 'spatial' ? index.kind : undefined;
  const computed = table.allColumns.filter((column) => !table.columns.includes(column));
  const helpers: JsonObject = {};
  const keys = index.parts.map((part) => {
    const helper = computed.find((column) => column.name === part.field);
    if (helper) helpers[helper.name] = helper.definition;
    return { field: helper?.expression ?? part.field ?? part.sql, direction: special ?? (part.descending ? -1 : 1) };
  });
  return {
    name: index.name,
    keys,
    unique: index.kind === 'unique' || index.kind === 'primary',
    definition: { sql: index.definition, ...(Object.keys(helpers).length > 0 ? { columns: helpers } : {}) },
  };
}

function toConstraints(table: Table): ConstraintSchema[] {
  return [
    ...table.constraints.map(({ name, kind, fields, definition }) => ({ name, kind, fields, definition })),
    ...table.indexes
      .filter((index) => index.kind === 'primary' || index.kind === 'unique')
      .map((index) => ({
        name: index.name,
        kind: index.kind === 'primary' ? ('primary_key' as const) : ('unique' as const),
        fields: fieldsOf(index),
        definition: index.definition,
      })),
  ];
}

function sorted<Each extends { readonly name: string }>(list: readonly Each[]): Each[] {
  return [...list].sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}
