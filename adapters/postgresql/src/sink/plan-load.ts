import type { SinkTarget, TargetField } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { readTable, requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import { newTableName } from '../catalog/table-name.ts';
import { uniqueStatement } from '../constraints/unique-key.ts';
import type { Connection } from '../database.ts';
import { asideSchema } from '../handler/aside.ts';
import { quote } from '../identifiers.ts';
import { rawForm } from '../source/columns.ts';
import type { PostgresLoadUndo } from './load-undo.ts';
import { possibleLosses } from './possible-losses.ts';
import { createTargetStatement, newColumns } from './target-columns.ts';

/** What the plan of a load says. */
export interface LoadPlan {
  undo: PostgresLoadUndo;
  statements: string[];
  fields: TargetField[];
}

/** Plans a load into a table that does not exist. */
export async function planNew(connection: Connection, target: SinkTarget): Promise<LoadPlan> {
  const { schema, name, sql } = await newTableName(connection, target.collection);
  const columns = await newColumns(connection, target);
  const statement = createTargetStatement(sql, columns, target.key);
  // A trial, taken back: the server has the last word on types and key.
  await connection.execute(statement);
  const created = await readTable(connection, target.collection);
  return {
    fields: fieldsOf(target, created.columns),
    undo: {
      collection: target.collection,
      before: 'absent',
      aside: target.aside,
      schema,
      name,
      key: [...target.key],
      columns: columns.map((column) => column.name),
    },
    statements: [statement, `COPY ${sql} FROM STDIN`],
  };
}

/** Plans a load into a table that is there. Throws INVALID_DOCUMENT or UNKNOWN_FIELD where the columns do not fit. */
export async function planExisting(connection: Connection, target: SinkTarget, table: Table): Promise<LoadPlan> {
  if (table.kind !== 'r' && table.kind !== 'p') {
    throw new PolyshiftError('INVALID_DOCUMENT', `${target.collection} is no table that rows can be loaded into.`);
  }
  const columns = writtenColumns(target, table);
  const missing = target.key.find((field) => !columns.includes(requireColumn(table, field).name));
  if (missing !== undefined) {
    throw new PolyshiftError('INVALID_DOCUMENT', `The rows do not have the key field ${missing} of ${target.collection}.`);
  }
  const unique = await connection.row<{ fits: boolean }>(uniqueStatement, [table.oid, JSON.stringify(target.key)]);
  if (unique?.fits !== true) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${target.collection} has no unique index over ${target.key.join(', ')}.`, {
      hint: 'Add one, or name another key in the load step.',
    });
  }
  const filled = await connection.row(`SELECT 1 FROM ${table.sql} LIMIT 1`);
  const conflict = { insert: 'DO NOTHING', ignore: 'DO NOTHING', upsert: 'DO UPDATE' }[target.mode];
  return {
    fields: fieldsOf(
      target,
      columns.map((name) => requireColumn(table, name)),
    ),
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
          `CREATE SCHEMA ${quote(asideSchema(target.aside))}`,
          `INSERT INTO ${table.sql} ... ON CONFLICT (${target.key.map(quote).join(', ')}) ${conflict}`,
        ]
      : [`COPY ${table.sql} FROM STDIN`],
  };
}

/** What each column becomes, and what its values may lose. */
function fieldsOf(target: SinkTarget, columns: readonly TableColumn[]): TargetField[] {
  return columns.map((column) => {
    const source = target.columns.find((each) => each.name === column.name);
    const same = source?.native === column.native && source.form === rawForm;
    const losses = same ? [] : possibleLosses(source?.type ?? { kind: 'dynamic' }, column.type, column.native);
    return { name: column.name, type: column.native, losses };
  });
}

/** The columns that the batches fill. Throws where the table cannot take them, or would miss one that it must have. */
function writtenColumns(target: SinkTarget, table: Table): string[] {
  const names =
    target.dynamic && target.columns.length === 0
      ? table.columns.filter((column) => writable(column.generated)).map((column) => column.name)
      : target.columns.map((column) => column.name);
  for (const name of names) {
    const { generated } = requireColumn(table, name);
    if (!writable(generated))
      throw new PolyshiftError('INVALID_DOCUMENT', `${name} is computed by ${target.collection} and cannot be loaded.`);
  }
  for (const column of table.columns) {
    if (names.includes(column.name) || column.nullable || column.default !== undefined || column.generated !== undefined)
      continue;
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${target.collection} must have a value for ${column.name}, which no rule gives.`,
      {
        hint: 'Add a rule for it, or give the column a default.',
      },
    );
  }
  return table.columns.map((column) => column.name).filter((name) => names.includes(name));
}

function writable(generated: string | undefined): boolean {
  return generated !== 'stored' && generated !== 'virtual';
}
