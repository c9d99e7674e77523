import type { AlterAction } from './alter-action.ts';
import type { Column } from './column.ts';
import type { MysqlContext } from './context.ts';
import type { Key } from './key.ts';
import type { MysqlStatement } from './statement.ts';

/** The actions of an ALTER TABLE, each with its table; none for other statements. */
export function alterActions(statement: MysqlStatement): { table: string; action: AlterAction }[] {
  if (statement.kind !== 'alter_table') return [];
  return statement.actions.map((action) => ({ table: statement.table, action }));
}

/** The columns that ADD COLUMN adds. */
export function addedColumns(statement: MysqlStatement): { table: string; column: Column }[] {
  return alterActions(statement).flatMap(({ table, action }) =>
    action.kind === 'add_column' ? { table, column: action.column } : [],
  );
}

/** The columns that CREATE TABLE or ADD COLUMN makes. */
export function createdColumns(statement: MysqlStatement): { table: string; column: Column }[] {
  if (statement.kind !== 'create_table') return addedColumns(statement);
  return statement.columns.map((column) => ({ table: statement.table, column }));
}

/** A column that MODIFY or CHANGE defines anew. */
export interface ChangedColumn {
  readonly table: string;
  readonly column: Column;
  /** What is known of it before. */
  readonly old: Column | undefined;
  readonly at: number;
}

/** The columns that MODIFY or CHANGE defines anew. */
export function changedColumns(statement: MysqlStatement, context: MysqlContext): ChangedColumn[] {
  return alterActions(statement).flatMap(({ table, action }) => {
    if (action.kind !== 'change_column') return [];
    const old = context.table(table)?.columns.get(action.old.toLowerCase());
    return { table, column: action.column, old, at: action.at };
  });
}

/** The keys, foreign keys and checks that are added to a table that is there, those at added columns included. */
export function addedKeys(statement: MysqlStatement): { table: string; key: Key }[] {
  if (statement.kind === 'create_index') return [{ table: statement.table, key: statement.key }];
  return alterActions(statement).flatMap(({ table, action }) => {
    if (action.kind === 'add_key') return [{ table, key: action.key }];
    if (action.kind !== 'add_column') return [];
    return columnKeys(action.column).map((key) => ({ table, key }));
  });
}

/** The keys of a new table, and those that are added to one. */
export function createdKeys(statement: MysqlStatement): { table: string; key: Key }[] {
  if (statement.kind !== 'create_table') return addedKeys(statement);
  const keys = [...statement.keys, ...statement.columns.flatMap(columnKeys)];
  return keys.map((key) => ({ table: statement.table, key }));
}

function columnKeys({ name, primaryKey, unique, check, at }: Column): Key[] {
  const key = (kind: Key['kind']): Key => ({ kind, name: undefined, columns: [name], references: undefined, enforced: true, at });
  return [...(primaryKey ? [key('primary')] : []), ...(unique ? [key('unique')] : []), ...(check ? [key('check')] : [])];
}

/** The tables that a statement renames. */
export function renamedTables(statement: MysqlStatement): { old: string; name: string }[] {
  if (statement.kind === 'rename_table') return [...statement.pairs];
  return alterActions(statement).flatMap(({ table, action }) =>
    action.kind === 'rename_table' ? { old: table, name: action.name } : [],
  );
}
