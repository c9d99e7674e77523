import { type Check, cameToEnd, fail, type JsonObject, type Operation, PolyshiftError, pass } from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import { type ColumnOf, compileConditions } from '../conditions.ts';
import type { Connection } from '../database.ts';
import { compilePipeline } from '../expressions/pipeline.ts';
import { dropAside, hasAsideTable } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlTransaction } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote } from '../identifiers.ts';
import { type Bind, inlineLiterals, Parameters } from '../parameters.ts';
import { changeRows } from '../row-images/change-rows.ts';
import { type ImageNames, imageNames, imageTableName, isWritable, planImages, requireRowKey } from '../row-images/image-table.ts';
import { restoreRows, restoreScript } from '../row-images/restore-rows.ts';
import type { RowChange } from '../row-images/row-change.ts';
import { verifyChange } from '../row-images/verify-change.ts';
import { stepScript } from '../script/step-script.ts';
import { parseSql } from '../sql-parser.ts';

type Operate = Operation<'migrate_data'>;
type Undo = { fields: string[]; images: ImageNames };

/** migrate_data: rows changed in place, in batches by key, each exactly once; see `changeRows`. */
export const migrateData: HandlerFactory<'migrate_data', Undo> = ({ database }) => ({
  async plan(operation, planContext) {
    const table = await plannedTable(database, planContext, operation.collection);
    const columnOf: ColumnOf = (field) => table.column(field);
    const values = assignments(operation, columnOf).map(({ name, sql }) => `${quote(name)} = ${sql(inlineLiterals)}`);
    const where = compileConditions(operation.conditions, columnOf, inlineLiterals);
    return [
      {
        statement: `UPDATE ${table.sql} SET ${values.join(', ')} WHERE ${where} -- by key, ${operation.batch_size} rows a batch`,
        phase: 'migrate',
        lock: { mode: `ROW EXCLUSIVE on ${operation.collection}`, held: 'none' },
        rows: table.rows,
        risk: 'data_changed',
        undo: 'Brings every changed row back from its before-image.',
      },
    ];
  },
  check: (operation) =>
    collectChecks(() =>
      database.transaction(
        async (connection) => {
          const table = await readTable(connection, operation.collection);
          requireRowKey(table);
          checkTargets(operation, table);
          await tryExpressions(operation, table, connection);
          return [pass('expressions_valid', `${operation.collection} takes the new values`)];
        },
        { roll_back: true },
      ),
    ),
  async prepare(operation, run) {
    return await database.transaction(async (connection) => {
      const table = await readTable(connection, operation.collection);
      const fields = assignments(operation, (field) => requireColumn(table, field)).map(({ name }) => name);
      return { fields, images: imageNames(await planImages(connection, run.aside, operation.collection, fields)) };
    });
  },
  async *execute(operation, undo, run) {
    const images = await database.transaction((connection) =>
      planImages(connection, run.aside, operation.collection, undo.fields),
    );
    yield* changeRows(database, run, toChange(operation, images));
  },
  async verify(operation, undo, run) {
    return await database.transaction(async (connection): Promise<Check[]> => {
      if (!(await hasAsideTable(connection, run.aside, imageTableName))) {
        return [fail('rows_changed', 'nothing was changed yet', 'Run again.')];
      }
      const images = await planImages(connection, run.aside, operation.collection, undo.fields);
      const change = toChange(operation, images);
      return [cameToEnd(run), ...(await verifyChange(connection, change))];
    });
  },
  async *rollback(operation, undo, run) {
    const images = await database.transaction((connection) =>
      planImages(connection, run.aside, operation.collection, undo.fields),
    );
    yield* restoreRows(database, run, images, operation.batch_size);
  },
  async discard(_operation, _undo, run) {
    await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
  },
  script: stepScript(database, {
    rollback: (_operation, undo, { connection, step, table }) => restoreScript(connection, step.aside, table.sql, undo.images),
  }),
});

function toChange(operation: Operate, images: RowChange['images']): RowChange {
  const columnOf: ColumnOf = (field) => requireColumn(images.table, field);
  const name = `${quote(images.table.name)}.`;
  const compiled = assignments(operation, columnOf);
  return {
    images,
    where: (bind) => compileConditions(operation.conditions, columnOf, bind, name),
    values: (bind) => compiled.map(({ sql }) => sql(bind)),
    batchSize: operation.batch_size,
  };
}

function assignments({ data }: Operate, columnOf: ColumnOf): { name: string; sql: (bind: Bind) => string }[] {
  if (data.set) {
    return Object.entries(data.set).map(([field, expression]) => ({ name: columnOf(field).name, sql: () => `(${expression})` }));
  }
  return compilePipeline((data.pipeline ?? []) as JsonObject[], columnOf).map(({ column, sql }) => ({ name: column.name, sql }));
}

function checkTargets(operation: Operate, table: Table): void {
  for (const { name } of assignments(operation, (field) => requireColumn(table, field))) {
    const column = requireColumn(table, name);
    if (table.rowKey.includes(name)) {
      throw new PolyshiftError(
        'UNSUPPORTED_OPERATION',
        `${name} identifies the rows of ${table.name}, and is not changed in batches.`,
        {
          hint: 'Change keys by run_sql with up and down.',
        },
      );
    }
    if (!isWritable(column) || column.generated === 'identity_always') {
      throw new PolyshiftError('UNSUPPORTED_OPERATION', `${name} is computed by the store (${column.generated}).`);
    }
  }
}

/** Lets the server look at the statement, without changing a row; `set` must be expressions and nothing more. */
async function tryExpressions(operation: Operate, table: Table, connection: Connection): Promise<void> {
  for (const [field, expression] of Object.entries(operation.data.set ?? {})) {
    const statements = await parseSql(`SELECT (${expression}\n)`);
    if (statements.length !== 1) {
      throw new PolyshiftError('INVALID_SYNTAX', `The value of ${field} is more than one expression.`, {
        place: { path: `data.set.${field}` },
      });
    }
  }
  const parameters = new Parameters();
  const columnOf: ColumnOf = (field) => requireColumn(table, field);
  const values = assignments(operation, columnOf).map(({ name, sql }) => `${quote(name)} = ${sql(parameters.bind)}`);
  const where = compileConditions(operation.conditions, columnOf, parameters.bind);
  await connection.rows(`UPDATE ${table.sql} SET ${values.join(', ')} WHERE false AND (${where})`, parameters.values);
}
