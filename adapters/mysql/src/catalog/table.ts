import type { PortableType } from '@polyshift/core';
import { nearest, PolyshiftError } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import { literal } from '../identifiers.ts';
import { toPortableType } from '../types.ts';
import { ColumnDefinition } from './column-definition.ts';
import { checkCondition, parseCreateStatement, type TableConstraint, type TableIndex } from './create-statement.ts';
import { requireTable, type TableName } from './table-name.ts';

/** Columns whose names begin so are kept aside by remove_field; nobody is shown them. */
export const asideColumnPrefix = 'polyshift_aside_';

/** Columns whose names begin so are computed for an index and belong to it; nobody is shown them. */
export const keyColumnPrefix = 'polyshift_key_';

/** A column as the handlers need it. */
export interface TableColumn {
  readonly name: string;
  /** The type as the server prints it: `decimal(12,2) unsigned`. */
  readonly native: string;
  readonly type: PortableType;
  readonly nullable: boolean;
  /** As SQL. */
  readonly default: string | undefined;
  readonly generated: 'auto_increment' | 'stored' | 'virtual' | undefined;
  /** The expression of a computed column. */
  readonly expression: string | undefined;
  /** Of texts; undefined for anything else. */
  readonly charset: string | undefined;
  readonly collation: string | undefined;
  /** What SHOW CREATE TABLE prints behind the name. */
  readonly definition: string;
  /** Whether the store sets it to the time of each change. */
  readonly onUpdate: boolean;
}

/** A table with all that is in its definition. */
export interface Table extends TableName {
  /** Without those that are polyshift's own. */
  readonly columns: readonly TableColumn[];
  /** Every column in its place, polyshift's own too. */
  readonly allColumns: readonly TableColumn[];
  /** Without those over columns that are kept aside. */
  readonly indexes: readonly TableIndex[];
  readonly allIndexes: readonly TableIndex[];
  readonly constraints: readonly TableConstraint[];
  /** The primary key's columns, empty where there is none. */
  readonly primaryKey: readonly string[];
  /** Primary key or a unique index over whole columns that are never null: what identifies a row. */
  readonly rowKey: readonly string[];
  /** What SHOW CREATE TABLE prints behind the list, the next automatic number left out. */
  readonly options: string;
}

interface ColumnRow {
  name: string;
  native: string;
  nullable: string;
  charset: string | null;
  collation: string | null;
  extra: string;
  expression: string | null;
}

/** Reads a table with its columns, indexes and constraints. Throws UNKNOWN_COLLECTION. */
export async function readTable(connection: Queryable, collection: string): Promise<Table> {
  return await readDefinition(connection, await requireTable(connection, collection));
}

/** Reads the definition of a table that was found already. */
export async function readDefinition(connection: Queryable, name: TableName): Promise<Table> {
  const rows = await connection.rows<ColumnRow>(
    `SELECT column_name AS name, column_type AS native, is_nullable AS nullable, character_set_name AS charset,
       collation_name AS collation, extra AS extra, generation_expression AS expression
     FROM information_schema.columns WHERE table_schema = ${literal(name.schema)} AND table_name = ${literal(name.name)} ORDER BY ordinal_position`,
  );
  const [shown] = name.kind === 'view' ? [] : await connection.values(`SHOW CREATE TABLE ${name.sql}`);
  const create = parseCreateStatement(shown ? String(shown[1]) : '()');
  const validJson = new Set(
    create.constraints.flatMap(({ kind, definition }) =>
      kind === 'check' ? (jsonColumn(checkCondition(definition)) ?? []) : [],
    ),
  );
  const allColumns = rows.map((row) => toColumn(row, create.columns.get(row.name) ?? '', validJson));
  const columns = allColumns.filter((column) => !isOwn(column.name));
  const indexes = create.indexes.filter((index) => !index.parts.some((part) => part.field?.startsWith(asideColumnPrefix)));
  return {
    ...name,
    columns,
    allColumns,
    indexes,
    allIndexes: create.indexes,
    constraints: create.constraints,
    primaryKey: fieldsOf(indexes.find((index) => index.kind === 'primary')),
    rowKey: rowKeyOf(indexes, columns),
    options: [...create.others, create.options.replace(/ AUTO_INCREMENT=\d+/, '')].join(' '),
  };
}

/** A column by name. Throws UNKNOWN_FIELD with the nearest name. */
export function requireColumn(table: Pick<Table, 'name' | 'columns'>, field: string): TableColumn {
  const column = table.columns.find((each) => each.name === field);
  if (column) return column;
  const names = table.columns.map((each) => each.name);
  const near = nearest(field, names);
  throw new PolyshiftError('UNKNOWN_FIELD', `The table ${table.name} has no column ${field}.`, {
    hint: near === undefined ? `It has ${names.join(', ')}.` : `Did you mean ${near}?`,
    data: { collection: table.name, field },
  });
}

/** What identifies a row. Throws UNSUPPORTED_OPERATION where nothing does, or where the engine has no transactions. */
export function requireRowKey(table: Table): readonly string[] {
  requireTransactions(table);
  if (table.rowKey.length > 0) return table.rowKey;
  throw new PolyshiftError(
    'UNSUPPORTED_OPERATION',
    `${table.name} has neither a primary key nor a unique index over columns that are never null: nothing identifies its rows.`,
    { hint: 'Add a primary key first, for example by add_constraint.' },
  );
}

/** Throws UNSUPPORTED_OPERATION for a table whose engine cannot take a change of rows back. */
export function requireTransactions(table: TableName): void {
  if (table.kind === 'view') throw new PolyshiftError('UNSUPPORTED_OPERATION', `${table.name} is a view.`);
  if (/^(InnoDB|RocksDB|ndbcluster|TokuDB)$/i.test(table.engine ?? '')) return;
  throw new PolyshiftError('UNSUPPORTED_OPERATION', `${table.name} has the engine ${table.engine}, which has no transactions.`, {
    hint: 'Change it first, by alter_options with engine: InnoDB.',
  });
}

/** Whether a value can be given to the column: not to one that the server computes. */
export function isWritable(column: TableColumn): boolean {
  return column.generated !== 'stored' && column.generated !== 'virtual';
}

/** Whether a column is polyshift's own. */
export function isOwn(name: string): boolean {
  return name.startsWith(asideColumnPrefix) || name.startsWith(keyColumnPrefix);
}

/** The columns of an index over whole columns; empty for any other. */
export function fieldsOf(index: TableIndex | undefined): string[] {
  const fields = index?.parts.map((part) => (part.prefix === undefined ? part.field : undefined)) ?? [];
  return fields.every((field) => field !== undefined) ? (fields as string[]) : [];
}

function rowKeyOf(indexes: readonly TableIndex[], columns: readonly TableColumn[]): string[] {
  const candidates = indexes
    .filter((index) => index.kind === 'primary' || index.kind === 'unique')
    .map((index) => ({ primary: index.kind === 'primary', fields: fieldsOf(index) }))
    .filter(({ fields }) => fields.length > 0)
    .filter(({ fields }) => fields.every((field) => columns.some((column) => column.name === field && !column.nullable)));
  candidates.sort((left, right) => Number(right.primary) - Number(left.primary) || left.fields.length - right.fields.length);
  return candidates[0]?.fields ?? [];
}

/** The column that a condition demands valid JSON of, and nothing more. */
function jsonColumn(condition: string): string | undefined {
  const match = /^\(*json_valid\(`((?:[^`]|``)*)`\)\)*$/i.exec(condition);
  return match?.[1]?.replaceAll('``', '`');
}

function toColumn(row: ColumnRow, definition: string, validJson: ReadonlySet<string>): TableColumn {
  const parsed = ColumnDefinition.parse(definition);
  const json = validJson.has(row.name) || jsonColumn(/CHECK \((.*)\)$/i.exec(definition)?.[1] ?? '') === row.name;
  const computed = /\b(STORED|VIRTUAL|PERSISTENT) GENERATED|^(STORED|VIRTUAL|PERSISTENT)$/i.exec(row.extra);
  const expression = row.expression === null || row.expression === '' ? undefined : row.expression;
  return {
    name: row.name,
    native: row.native,
    type: json ? { kind: 'json' } : toPortableType(row.native),
    nullable: row.nullable === 'YES',
    default: parsed.default,
    generated: parsed.autoIncrement
      ? 'auto_increment'
      : expression === undefined
        ? undefined
        : /VIRTUAL/i.test(computed?.[0] ?? '')
          ? 'virtual'
          : 'stored',
    expression,
    charset: row.charset ?? undefined,
    collation: row.collation ?? undefined,
    definition,
    onUpdate: parsed.onUpdate,
  };
}
