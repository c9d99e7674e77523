import type { Operation } from '@polyshift/core';
import { addedConstraints, alterations } from './alterations.ts';
import { type ColumnType, columnOf } from './column.ts';
import { objectName, qualified, tableName, words } from './names.ts';
import type { PostgresqlStatement } from './statement.ts';
import type { ConstraintNode, Expression } from './tree.ts';

/** What is known of a column. */
export interface KnownColumn {
  readonly type: ColumnType | undefined;
  readonly notNull: boolean;
}

/** What is known of a constraint. */
export interface KnownConstraint {
  /** The kind in the parse tree: `CONSTR_CHECK`. */
  readonly kind: string;
  /** Whether every row is known to meet it. */
  readonly valid: boolean;
  readonly columns: readonly string[];
  /** For a check that is nothing but `column IS NOT NULL`: the column. */
  readonly notNullColumn: string | undefined;
  /** For a foreign key: the table that it points to. */
  readonly references: string | undefined;
}

/** What the scripts so far tell of a table. */
export interface KnownTable {
  readonly name: string;
  /** Whether the scripts create it, so that all its columns are known. */
  readonly created: boolean;
  /** Whether the script that is read now creates it: nobody else uses it yet. */
  fresh: boolean;
  readonly columns: Map<string, KnownColumn>;
  readonly constraints: Map<string, KnownConstraint>;
}

/** What the scripts so far tell of an index. */
export interface KnownIndex {
  readonly table: string;
  readonly unique: boolean;
  /** Its columns; expressions are left out. */
  readonly columns: readonly string[];
}

/** What earlier statements have done, in the order in which they run. It follows definitions alone, never data. */
export class PostgresqlHistory {
  readonly tables = new Map<string, KnownTable>();
  readonly indexes = new Map<string, KnownIndex>();

  /** Begins another script: what was new is in use from here on. */
  beginScript(): void {
    for (const table of this.tables.values()) table.fresh = false;
  }

  /** Takes in what a statement does. */
  apply(statement: PostgresqlStatement): void {
    switch (statement.kind) {
      case 'CreateStmt': {
        const name = tableName(statement.node.relation);
        const table = this.create(name);
        for (const { ColumnDef, Constraint } of statement.node.tableElts ?? []) {
          if (ColumnDef) this.addColumn(table, ColumnDef);
          if (Constraint) this.addConstraint(table, Constraint, undefined);
        }
        return;
      }
      case 'CreateTableAsStmt':
        this.create(tableName(statement.node.into.rel));
        return;
      case 'IndexStmt':
        if (statement.node.idxname !== undefined) {
          const table = tableName(statement.node.relation);
          const columns = statement.node.indexParams.flatMap(({ IndexElem }) => IndexElem.name ?? []);
          this.indexes.set(statement.node.idxname, { table, unique: statement.node.unique ?? false, columns });
        }
        return;
      case 'AlterTableStmt':
        this.alter(statement);
        return;
      case 'RenameStmt':
        this.rename(statement.node.renameType, statement.node);
        return;
      case 'DropStmt':
        for (const object of statement.node.objects) {
          if (statement.node.removeType === 'OBJECT_TABLE') this.tables.delete(objectName(object));
          if (statement.node.removeType === 'OBJECT_INDEX') this.indexes.delete(objectName(object));
        }
        return;
    }
  }

  /** Takes in what an operation does, as far as it makes or takes away tables. */
  applyOperation(operation: Operation): void {
    if (operation.type === 'create_collection') {
      const table = this.create(operation.collection);
      for (const { name, nullable } of operation.data.fields) table.columns.set(name, { type: undefined, notNull: !nullable });
    }
    if (operation.type === 'extract') this.create(operation.data.into);
    if (operation.type === 'drop_collection') this.tables.delete(operation.collection);
    if (operation.type === 'rename_collection') {
      this.rename('OBJECT_TABLE', { relation: { relname: operation.collection }, newname: operation.data.new_name });
    }
  }

  private create(name: string): KnownTable {
    const table = { name, created: true, fresh: true, columns: new Map(), constraints: new Map() };
    this.tables.set(name, table);
    return table;
  }

  private known(name: string): KnownTable {
    const table = this.tables.get(name);
    if (table) return table;
    const found = { name, created: false, fresh: false, columns: new Map(), constraints: new Map() };
    this.tables.set(name, found);
    return found;
  }

  private alter(statement: PostgresqlStatement): void {
    for (const { table: name, subtype, name: of, argument } of alterations(statement)) {
      const table = this.known(name);
      const column = table.columns.get(of);
      if (subtype === 'AT_AddColumn' && argument?.ColumnDef) this.addColumn(table, argument.ColumnDef);
      if (subtype === 'AT_DropColumn') table.columns.delete(of);
      if (subtype === 'AT_SetNotNull') table.columns.set(of, { type: column?.type, notNull: true });
      if (subtype === 'AT_DropNotNull') table.columns.set(of, { type: column?.type, notNull: false });
      if (subtype === 'AT_AlterColumnType' && argument?.ColumnDef) {
        table.columns.set(of, { type: columnOf(argument.ColumnDef).type, notNull: column?.notNull ?? false });
      }
      if (subtype === 'AT_DropConstraint') table.constraints.delete(of);
      const constraint = table.constraints.get(of);
      if (subtype === 'AT_ValidateConstraint' && constraint) {
        table.constraints.set(of, { ...constraint, valid: true });
        if (constraint.kind === 'CONSTR_NOTNULL') this.setNotNull(table, constraint.columns);
      }
    }
    for (const { table: name, constraint, column } of addedConstraints(statement)) {
      if (column === undefined) this.addConstraint(this.known(name), constraint, undefined);
    }
  }

  private addColumn(table: KnownTable, node: Parameters<typeof columnOf>[0]): void {
    const column = columnOf(node);
    const notNull = column.notNull || column.serial || column.identity;
    table.columns.set(column.name, { type: column.type, notNull });
    for (const constraint of column.constraints) this.addConstraint(table, constraint, column.name);
  }

  private addConstraint(table: KnownTable, node: ConstraintNode, column: string | undefined): void {
    const columns = column === undefined ? words(node.fk_attrs ?? node.keys) : [column];
    const name = node.conname ?? `${table.name}_${columns.join('_')}_${node.contype}`;
    const valid = node.skip_validation !== true;
    table.constraints.set(name, {
      kind: node.contype,
      valid,
      columns,
      notNullColumn: node.contype === 'CONSTR_CHECK' ? notNullColumn(node.raw_expr) : undefined,
      references: node.pktable && tableName(node.pktable),
    });
    if (node.contype === 'CONSTR_PRIMARY' || (node.contype === 'CONSTR_NOTNULL' && valid)) this.setNotNull(table, columns);
  }

  private setNotNull(table: KnownTable, columns: readonly string[]): void {
    for (const name of columns) table.columns.set(name, { type: table.columns.get(name)?.type, notNull: true });
  }

  private rename(type: string, node: { relation?: Parameters<typeof tableName>[0]; subname?: string; newname: string }): void {
    if (!node.relation) return;
    const old = tableName(node.relation);
    const table = this.tables.get(old);
    if (type === 'OBJECT_TABLE' && table) {
      this.tables.delete(old);
      const name = node.relation.schemaname ? qualified([node.relation.schemaname, node.newname]) : node.newname;
      this.tables.set(name, { ...table, name });
    }
    const column = node.subname === undefined ? undefined : table?.columns.get(node.subname);
    if (type === 'OBJECT_COLUMN' && table && column && node.subname !== undefined) {
      table.columns.delete(node.subname);
      table.columns.set(node.newname, column);
    }
  }
}

/** The column of `column IS NOT NULL`, where the expression is nothing else. */
export function notNullColumn(expression: Expression | undefined): string | undefined {
  const test = expression?.['NullTest'] as
    | { nulltesttype: string; arg?: { ColumnRef?: { fields: readonly { String?: { sval: string } }[] } } }
    | undefined;
  return test?.nulltesttype === 'IS_NOT_NULL' ? test.arg?.ColumnRef?.fields.at(-1)?.String?.sval : undefined;
}
