import {
  type Check,
  cameToEnd,
  changedRowChecks,
  fail,
  type JsonObject,
  type Operation,
  PolyshiftError,
  pass,
  warn,
} from '@polyshift/core';
import { isWritable, readTable, requireColumn, requireRowKey, type Table } from '../catalog/table.ts';
import { type ColumnOf, compileConditions } from '../conditions.ts';
import type { Connection } from '../connection.ts';
import { compilePipeline } from '../expressions/pipeline.ts';
import { discardAside, hasTable } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { findRows } from '../handler/examples.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote } from '../identifiers.ts';
import { changeRows, countImages, type RowChange } from '../row-images/change-rows.ts';
import { type ImageNames, imageNames, imageTableName, matchesImage, planImages, sameKey } from '../row-images/image-table.ts';
import { restoreRows, restoreScript } from '../row-images/restore-rows.ts';
import { stepScript } from '../script/step-script.ts';
import { splitScript } from '../sql-script.ts';

type Operate = Operation<'migrate_data'>;
type Undo = { fields: string[]; images: ImageNames };

/** migrate_data: rows changed in place, in batches by key, each exactly once; see `changeRows`. */
export const migrateData: HandlerFactory<'migrate_data', Undo> = ({ database }) => ({
  async plan(operation, planContext) {
    const table = await plannedTable(database, planContext, operation.collection);
    const columnOf: ColumnOf = (field) => table.column(field);
    const values = assignments(operation, columnOf).map(({ name, sql }) => `${quote(name)} = ${sql}`);
    const where = compileConditions(operation.conditions, columnOf);
    return [
      {
        statement: `UPDATE ${table.sql} SET ${values.join(', ')} WHERE ${where} -- by key, ${operation.batch_size} rows a batch`,
        phase: 'migrate',
        lock: { mode: `the rows of one batch of ${operation.collection}`, held: 'none' },
        rows: table.rows,
        risk: 'data_changed',
        undo: 'Brings every changed row back from its before-image.',
      },
    ];
  },
  check: (operation) =>
    collectChecks(database, async (connection) => {
      const table = await readTable(connection, operation.collection);
      requireRowKey(table);
      checkTargets(operation, table);
      await tryExpressions(operation, table, connection);
      return [pass('expressions_valid', `${operation.collection} takes the new values`)];
    }),
  async prepare(operation, run) {
    const table = await readTable(database, operation.collection);
    const fields = assignments(operation, (field) => requireColumn(table, field)).map(({ name }) => name);
    return { fields, images: imageNames(await planImages(database, run.aside, operation.collection, fields)) };
  },
  async *execute(operation, undo, run) {
    const images = await planImages(database, run.aside, operation.collection, undo.fields);
    yield* changeRows(database, run, toChange(operation, images));
  },
  async verify(operation, undo, run): Promise<Check[]> {
    const images = await planImages(database, run.aside, operation.collection, undo.fields);
    if (!(await hasTable(database, images.name))) return [fail('rows_changed', 'nothing was changed yet', 'Run again.')];
    return await database.transaction(async (connection) => {
      const { table } = images;
      const imageExists = (terms: string): string =>
        `EXISTS (SELECT 1 FROM ${images.sql} AS i WHERE ${sameKey(images, 'i', 'r')} AND ${terms})`;
      const [before, after] = [matchesImage(images, 'r', 'i', 'b'), matchesImage(images, 'r', 'i', 'a')];
      const unchanged = await findRows(connection, table, imageExists(`(i.changed = 0 OR NOT (${after})) AND ${before}`));
      const written = await findRows(connection, table, imageExists(`i.changed = 1 AND NOT (${after}) AND NOT (${before})`));
      const missed = await missedRows(operation, table, images.sql, sameKey(images, 'i', quote(table.name)), connection);
      const kept = await countImages(database, images);
      return [
        cameToEnd(run),
        ...changedRowChecks(kept, unchanged, written),
        missed === 0
          ? pass('rows_missed', 'no other row meets the conditions')
          : warn(
              'rows_missed',
              `${missed} rows meet the conditions now that did not before`,
              'The application writes such rows.',
            ),
      ];
    });
  },
  async *rollback(operation, undo, run) {
    const images = await planImages(database, run.aside, operation.collection, undo.fields);
    yield* restoreRows(database, run, images, operation.batch_size);
  },
  async discard(_operation, _undo, run) {
    await discardAside(database, run, imageTableName);
  },
  script: stepScript(database, {
    aside: [imageTableName],
    rollback: (_operation, undo, { connection, step, table }) => restoreScript(connection, step.aside, table.sql, undo.images),
  }),
});

function toChange(operation: Operate, images: RowChange['images']): RowChange {
  const columnOf: ColumnOf = (field) => requireColumn(images.table, field);
  return {
    images,
    where: compileConditions(operation.conditions, columnOf, `${quote(images.table.name)}.`),
    values: assignments(operation, columnOf).map(({ sql }) => sql),
    batchSize: operation.batch_size,
  };
}

async function missedRows(
  operation: Operate,
  table: Table,
  images: string,
  same: string,
  connection: Connection,
): Promise<number> {
  const where = compileConditions(operation.conditions, (field) => requireColumn(table, field), `${quote(table.name)}.`);
  const row = await connection.row<{ count: string }>(
    `SELECT COUNT(*) AS count FROM ${table.sql} WHERE (${where}) AND NOT EXISTS (SELECT 1 FROM ${images} AS i WHERE ${same})`,
  );
  return Number(row!.count);
}

function assignments({ data }: Operate, columnOf: ColumnOf): { name: string; sql: string }[] {
  if (data.set) {
    return Object.entries(data.set).map(([field, expression]) => ({ name: columnOf(field).name, sql: `(${expression}\n)` }));
  }
  return compilePipeline((data.pipeline ?? []) as JsonObject[], columnOf).map(({ column, sql }) => ({ name: column.name, sql }));
}

function checkTargets(operation: Operate, table: Table): void {
  for (const { name } of assignments(operation, (field) => requireColumn(table, field))) {
    if (table.rowKey.includes(name)) {
      throw new PolyshiftError(
        'UNSUPPORTED_OPERATION',
        `${name} identifies the rows of ${table.name}, and is not changed in batches.`,
        { hint: 'Change keys by run_sql with up and down.' },
      );
    }
    const column = requireColumn(table, name);
    if (!isWritable(column))
      throw new PolyshiftError('UNSUPPORTED_OPERATION', `${name} is computed by the store (${column.generated}).`);
  }
}

/** Lets the server look at the expressions, without changing a row; `set` must be expressions and nothing more. */
async function tryExpressions(operation: Operate, table: Table, connection: Connection): Promise<void> {
  for (const [field, expression] of Object.entries(operation.data.set ?? {})) {
    if (splitScript(`SELECT (${expression}\n)`, `data.set.${field}`).length !== 1) {
      throw new PolyshiftError('INVALID_SYNTAX', `The value of ${field} is more than one expression.`, {
        place: { path: `data.set.${field}` },
      });
    }
  }
  const columnOf: ColumnOf = (field) => requireColumn(table, field);
  const values = assignments(operation, columnOf).map(({ sql }) => sql);
  const where = compileConditions(operation.conditions, columnOf);
  await connection.rows(`SELECT ${values.join(', ')} FROM ${table.sql} WHERE FALSE AND (${where})`);
}
