import type { Operation } from '@polyshift/core';
import type { AlterAction } from './alter-action.ts';
import type { Column } from './column.ts';
import type { Key } from './key.ts';
import type { MysqlStatement } from './statement.ts';

/** What the scripts so far tell of a table. */
export interface KnownTable {
  /** Whether the scripts create it, so that all its columns and keys are known. */
  readonly created: boolean;
  /** Whether the script that is read now creates it: nobody else uses it yet. */
  fresh: boolean;
  readonly columns: Map<string, Column>;
  keys: Key[];
  charset: string | undefined;
}

/** What earlier statements have done, in the order in which they run. Names of tables and columns are compared in small letters. */
export class MysqlHistory {
  private readonly tables = new Map<string, KnownTable>();

  /** Begins another script: what was new is in use from here on. */
  beginScript(): void {
    for (const table of this.tables.values()) table.fresh = false;
  }

  /** What is known of a table; undefined where no script so far names it. */
  table(name: string): KnownTable | undefined {
    return this.tables.get(name.toLowerCase());
  }

  /** Takes in what a statement does. */
  apply(statement: MysqlStatement): void {
    switch (statement.kind) {
      case 'create_table': {
        const table = this.create(statement.table);
        for (const column of statement.columns) table.columns.set(column.name.toLowerCase(), column);
        table.keys = [...statement.keys];
        table.charset = statement.options['CHARSET']?.toLowerCase();
        return;
      }
      case 'alter_table':
        for (const action of statement.actions) this.alter(statement.table, action);
        return;
      case 'create_index':
        this.known(statement.table).keys.push(statement.key);
        return;
      case 'drop_index': {
        const table = this.known(statement.table);
        table.keys = table.keys.filter(({ name }) => name !== statement.name);
        return;
      }
      case 'drop':
        if (statement.object === 'table') for (const name of statement.names) this.tables.delete(name.toLowerCase());
        return;
      case 'rename_table':
        for (const { old, name } of statement.pairs) this.rename(old, name);
        return;
    }
  }

  /** Takes in what an operation does, as far as it makes or takes away tables. */
  applyOperation(operation: Operation): void {
    if (operation.type === 'create_collection') this.create(operation.collection);
    if (operation.type === 'extract') this.create(operation.data.into);
    if (operation.type === 'drop_collection') this.tables.delete(operation.collection.toLowerCase());
    if (operation.type === 'rename_collection') this.rename(operation.collection, operation.data.new_name);
  }

  private create(name: string): KnownTable {
    const table: KnownTable = { created: true, fresh: true, columns: new Map(), keys: [], charset: undefined };
    this.tables.set(name.toLowerCase(), table);
    return table;
  }

  private known(name: string): KnownTable {
    const found = this.table(name);
    if (found) return found;
    const table: KnownTable = { created: false, fresh: false, columns: new Map(), keys: [], charset: undefined };
    this.tables.set(name.toLowerCase(), table);
    return table;
  }

  private alter(name: string, action: AlterAction): void {
    const table = this.known(name);
    switch (action.kind) {
      case 'add_column':
        table.columns.set(action.column.name.toLowerCase(), action.column);
        return;
      case 'change_column':
        table.columns.delete(action.old.toLowerCase());
        table.columns.set(action.column.name.toLowerCase(), action.column);
        return;
      case 'drop_column':
        table.columns.delete(action.name.toLowerCase());
        return;
      case 'rename_column': {
        const column = table.columns.get(action.old.toLowerCase());
        table.columns.delete(action.old.toLowerCase());
        if (column) table.columns.set(action.name.toLowerCase(), { ...column, name: action.name });
        return;
      }
      case 'add_key':
        table.keys.push(action.key);
        return;
      case 'drop_index':
      case 'drop_foreign_key':
      case 'drop_constraint':
        table.keys = table.keys.filter((key) => key.name !== action.name);
        return;
      case 'drop_primary_key':
        table.keys = table.keys.filter(({ kind }) => kind !== 'primary');
        return;
      case 'convert_charset':
        table.charset = action.charset;
        return;
      case 'rename_table':
        this.rename(name, action.name);
        return;
    }
  }

  private rename(old: string, name: string): void {
    const table = this.table(old);
    if (!table) return;
    this.tables.delete(old.toLowerCase());
    this.tables.set(name.toLowerCase(), table);
  }
}
