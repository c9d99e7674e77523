import type { SinkTarget, TargetField } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import {
  fieldsOf,
  isWritable,
  readTable,
  requireColumn,
  requireTransactions,
  type Table,
  type TableColumn,
} from '../catalog/table.ts';
import { newTableName } from '../catalog/table-name.ts';
import type { Connection } from '../connection.ts';
import { asideTable } from '../handler/aside.ts';
import { imageTableName } from '../row-images/image-table.ts';
import type { Dialect } from '../server-features.ts';
import { rawForm } from '../source/columns.ts';
import type { MysqlLoadUndo } from './load-undo.ts';
import { possibleLosses } from './possible-losses.ts';
import { createTargetStatement, newColumns } from './target-columns.ts';

/** What the plan of a load says. */
export interface LoadPlan {
  undo: MysqlLoadUndo;
  statements: string[];
  fields: TargetField[];
}

/** Plans a load into a table that does not exist. */
export async function planNew(connection: Connection, target: SinkTarget, dialect: Dialect): Promise<LoadPlan> {
  const { schema, name, sql } = await newTableName(connection, target.collection);
  const columns = await newColumns(connection, target, dialect);
  const statement = createTargetStatement(sql, columns, target.key);
  // The server has the last word on types and key; a temporary table is gone with the statement that drops it.
  await connection.execute(createTargetStatement('polyshift_trial', columns, target.key).replace('TABLE', 'TEMPORARY TABLE'));
  await connection.execute('DROP TEMPORARY TABLE polyshift_trial');
  return {
    fields: columns.map(({ name: field, sql: type }) => {
      const source = target.columns.find((column) => column.name === field);
      const kind = / CHECK \(json_valid/.test(type)
        ? ({ kind: 'json' } as const)
        : (source?.type ?? ({ kind: 'dynamic' } as const));
      const losses = source?.form === rawForm ? [] : possibleLosses(source?.type ?? { kind: 'dynamic' }, kind, type);
      return { name: field, type: type.replace(/ CHECK .*$/s, ''), losses };
    }),
    undo: {
      collection: target.collection,
      before: 'absent',
      aside: target.aside,
      schema,
      name,
      key: [...target.key],
      columns: columns.map((column) => column.name),
    },
    statements: [statement, `INSERT INTO ${sql} VALUES (...), (...)`],
  };
}

/** Plans a load into a table that is there. Throws INVALID_DOCUMENT or UNKNOWN_FIELD where the columns do not fit. */
export async function planExisting(connection: Connection, target: SinkTarget): Promise<LoadPlan> {
  const table = await readTable(connection, target.collection);
  requireTransactions(table);
  const columns = writtenColumns(target, table);
  const missing = target.key.find((field) => !columns.includes(requireColumn(table, field).name));
  if (missing !== undefined) {
    throw new PolyshiftError('INVALID_DOCUMENT', `The rows do not have the key field ${missing} of ${target.collection}.`);
  }
  if (!hasUniqueKey(table, target.key)) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${target.collection} has no unique index over ${target.key.join(', ')}.`, {
      hint: 'Add one, or name another key in the load step.',
    });
  }
  const filled = (await connection.row(`SELECT 1 FROM ${table.sql} LIMIT 1`)) !== undefined;
  return {
    fields: columns.map((name) => toField(target, requireColumn(table, name))),
    undo: {
      collection: target.collection,
      before: filled ? 'filled' : 'empty',
      aside: target.aside,
      schema: table.schema,
      name: table.name,
      key: [...target.key],
      columns,
    },
    statements: filled
      ? [
          `CREATE TABLE ${asideTable(target.aside, imageTableName)}`,
          `INSERT INTO ${table.sql} SELECT ... -- ${target.mode}, by batches`,
        ]
      : [`INSERT INTO ${table.sql} VALUES (...), (...)`],
  };
}

/** Whether a unique index is over exactly these columns. */
export function hasUniqueKey(table: Table, key: readonly string[]): boolean {
  return table.indexes.some((index) => {
    const fields = index.kind === 'primary' || index.kind === 'unique' ? fieldsOf(index) : [];
    return fields.length === key.length && fields.every((field) => key.includes(field));
  });
}

/** What a column becomes, and what its values may lose. */
function toField(target: SinkTarget, column: TableColumn): TargetField {
  const source = target.columns.find((each) => each.name === column.name);
  const same = source?.native === column.native && source.form === rawForm;
  const losses = same ? [] : possibleLosses(source?.type ?? { kind: 'dynamic' }, column.type, column.native);
  return { name: column.name, type: column.native, losses };
}

/** The columns that the batches fill. Throws where the table cannot take them, or would miss one that it must have. */
function writtenColumns(target: SinkTarget, table: Table): string[] {
  const names =
    target.dynamic && target.columns.length === 0
      ? table.columns.filter(isWritable).map((column) => column.name)
      : target.columns.map((column) => column.name);
  for (const name of names) {
    if (!isWritable(requireColumn(table, name)))
      throw new PolyshiftError('INVALID_DOCUMENT', `${name} is computed by ${target.collection} and cannot be loaded.`);
  }
  for (const column of table.columns) {
    if (names.includes(column.name) || column.nullable || column.default !== undefined || column.generated !== undefined)
      continue;
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${target.collection} must have a value for ${column.name}, which no rule gives.`,
      { hint: 'Add a rule for it, or give the column a default.' },
    );
  }
  return table.columns.map((column) => column.name).filter((name) => names.includes(name));
}
