import { compileConditions, type DocumentTest } from '@polyshift/adapter-kit';
import { type Conditions, conditionFields, nearest, PolyshiftError, parseConditions } from '@polyshift/core';
import type { Table } from './catalog/table.ts';

/** Conditions on rows of a table: which columns they read, and whether a row meets them. */
export interface RowConditions {
  /** Names of columns; empty where every row is meant. */
  readonly fields: readonly string[];
  readonly holds: DocumentTest;
}

/**
 * Compiles conditions. They are evaluated here, over rows that are read: Cassandra has neither OR nor NOT, and filters by a column that is not in
 * the key only where it is indexed. Throws UNKNOWN_FIELD for columns that the table does not have.
 */
export function rowConditions(table: Table, conditions: Conditions | undefined): RowConditions {
  const names = table.columns.map(({ name }) => name);
  const fields = [...new Set(conditionFields(parseConditions(conditions)).map((field) => columnName(names, field)))];
  for (const field of fields) refuseUnknown(table, field);
  return { fields, holds: compileConditions(conditions) };
}

/** Throws UNKNOWN_FIELD where the table has no such column; the nearest name is suggested. */
export function refuseUnknown(table: Table, field: string): void {
  const names = table.columns.map(({ name }) => name);
  if (names.includes(field)) return;
  const near = nearest(field, names);
  throw new PolyshiftError('UNKNOWN_FIELD', `${table.name} has no column ${field}`, {
    hint: near === undefined ? `Its columns are ${names.join(', ')}.` : `Did you mean ${near}?`,
  });
}

/** The column that a path begins with: a path may lead into a map or a user-defined type. */
function columnName(names: readonly string[], field: string): string {
  return names.includes(field) ? field : field.split('.')[0]!;
}
