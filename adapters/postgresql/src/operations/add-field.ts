import {
  type Check,
  checkThat,
  fail,
  type JsonObject,
  listExamples,
  type Operation,
  PolyshiftError,
  pass,
  type RunContext,
} from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import { checkLength } from '../catalog/table-name.ts';
import { jsonToText } from '../comparable.ts';
import { type ColumnOf, compileConditions } from '../conditions.ts';
import type { Connection, Database } from '../database.ts';
import { dropAside, freeKeptTable, keptSchema, newKeptTable } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { findRows } from '../handler/examples.ts';
import { ddlTransaction, once, readMark, undoOnce } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { type ResolvedType, resolveType, typeSql } from '../handler/type-reference.ts';
import { literal, quote, quoteList } from '../identifiers.ts';
import { inlineLiterals, Parameters } from '../parameters.ts';
import { fillColumn } from '../row-images/fill-column.ts';
import { block } from '../script/block.ts';
import { stepScript } from '../script/step-script.ts';
import { nativeOfValue } from '../types.ts';

type Operate = Operation<'add_field'>;
/** The value as the text of its type, null where there is none; the key of the rows, for what the application writes. */
type Undo = { native: string; value: string | null; key: string[] };

const mark = 'column_added';

/**
 * add_field: a column with a constant default is there at once, for old rows too. With conditions the column is added empty and the
 * matching rows get the value in batches; new rows then get none. Rollback keeps what the application has written into it.
 */
export const addField: HandlerFactory<'add_field', Undo> = ({ database }) => ({
  async plan(operation, planContext) {
    const table = await plannedTable(database, planContext, operation.collection);
    const type = await typeSql(referenceOf(operation));
    const { default_value: value, field_name: field } = operation.data;
    const text =
      value == null ? undefined : `${literal(typeof value === 'object' ? JSON.stringify(value) : String(value))}::${type}`;
    const undo = `Drops the column; values that the application has written into it are kept in the schema polyshift_kept.`;
    const lock = { mode: `ACCESS EXCLUSIVE on ${operation.collection}`, held: 'instant' } as const;
    const add = { statement: addStatement(table.sql, operation, type, text), phase: 'expand', lock, risk: 'none', undo } as const;
    if (!isConditional(operation) || text === undefined) return [add];
    const where = compileConditions(operation.conditions, (each) => table.column(each), inlineLiterals);
    return [
      add,
      {
        statement: `UPDATE ${table.sql} SET ${quote(field)} = ${text} WHERE ${where} -- by key, ${operation.batch_size} rows a batch`,
        phase: 'migrate',
        lock: { mode: `ROW EXCLUSIVE on ${operation.collection}`, held: 'none' },
        rows: table.rows,
        risk: 'data_changed',
        undo: 'Goes with the column.',
      },
    ];
  },
  check: (operation) =>
    collectChecks(() => database.transaction((connection) => checkAddField(operation, connection), { roll_back: true })),
  async prepare(operation) {
    return await database.transaction(async (connection) => {
      const type = await resolveType(connection, referenceOf(operation));
      const { rowKey } = await readTable(connection, operation.collection);
      return { native: type.native, value: valueText(operation, type), key: [...rowKey] };
    });
  },
  async *execute(operation, undo, run) {
    const value = undo.value === null ? undefined : `${literal(undo.value)}::${undo.native}`;
    await once(database, run, mark, async (connection) => {
      const table = await readTable(connection, operation.collection);
      await connection.execute(addStatement(table.sql, operation, undo.native, value));
      const { comment, field_name } = operation.data;
      if (comment !== undefined)
        await connection.execute(`COMMENT ON COLUMN ${table.sql}.${quote(field_name)} IS ${literal(comment)}`);
      return {};
    });
    await run.fault('column_added');
    if (!isConditional(operation) || value === undefined) yield { rows_done: 0 };
    else yield* fill(database, run, operation, undo);
  },
  async verify(operation, undo, run) {
    return await database.transaction(async (connection) => {
      if ((await readMark(connection, run.aside, mark)) === undefined)
        return [fail('field_present', 'the column was not added yet', 'Run again.')];
      const table = await readTable(connection, operation.collection);
      const column = requireColumn(table, operation.data.field_name);
      return [
        checkThat(column.native === undo.native, 'field_present', {
          pass: `${operation.collection} has the column ${column.name} ${column.native}`,
          fail: `${column.name} is ${column.native}, not ${undo.native}`,
          action: 'See who has changed the column.',
        }),
        ...(await filledChecks(connection, table, operation, undo)),
      ];
    });
  },
  async *rollback(operation, undo, run) {
    const note = await undoOnce(database, run, mark, async (connection) => {
      const table = await readTable(connection, operation.collection);
      const kept = await keepWritten(connection, table, operation, undo, run);
      await connection.execute(`ALTER TABLE ${table.sql} DROP COLUMN ${quote(operation.data.field_name)}`);
      return kept;
    });
    yield note === undefined ? { rows_done: 0 } : { rows_done: 0, note };
  },
  async discard(_operation, _undo, run) {
    await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
  },
  script: stepScript(database, {
    mark,
    async rollback({ data }, undo, { table, step, connection }) {
      const name = quote(data.field_name);
      const kept = await freeKeptTable(connection, step.aside, data.field_name);
      const columns = undo.key.length > 0 ? quoteList([...undo.key, data.field_name]) : '*';
      const written = `FROM ${table.sql} WHERE ${writtenCondition(name, undo)}`;
      return [
        `LOCK TABLE ${table.sql} IN ACCESS EXCLUSIVE MODE`,
        block(
          `IF EXISTS (SELECT ${written}) THEN
    CREATE SCHEMA IF NOT EXISTS ${quote(keptSchema)};
    CREATE TABLE ${kept} AS SELECT ${columns} ${written};
    RAISE WARNING USING MESSAGE = ${literal(`polyshift: kept values written since in ${kept}`)};
  END IF;`,
        ),
        `ALTER TABLE ${table.sql} DROP COLUMN ${name}`,
      ];
    },
  }),
});

function isConditional({ conditions }: Operate): boolean {
  return conditions !== undefined && Object.keys(conditions).length > 0;
}

function referenceOf({ data }: Operate) {
  return data.type ?? nativeOfValue(data.default_value, data.field_name);
}

function valueText({ data }: Operate, type: ResolvedType): string | null {
  if (data.default_value == null) return null;
  return jsonToText({ name: data.field_name, type: type.portable, pgType: type.pgType }, data.default_value, type.modifier);
}

function addStatement(table: string, operation: Operate, type: string, value: string | undefined): string {
  const constant = value !== undefined && !isConditional(operation) ? ` DEFAULT ${value}` : '';
  return `ALTER TABLE ${table} ADD COLUMN ${quote(operation.data.field_name)} ${type}${constant}${operation.data.nullable ? '' : ' NOT NULL'}`;
}

async function checkAddField(operation: Operate, connection: Connection): Promise<Check[]> {
  const { field_name: field, nullable } = operation.data;
  const table = await readTable(connection, operation.collection);
  checkLength(field);
  if (isConditional(operation) && !nullable) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${field} cannot be NOT NULL where conditions leave rows without a value.`, {
      hint: 'Leave the conditions out, or add a not_null constraint by an operation of its own.',
    });
  }
  if (table.columns.some((column) => column.name === field)) {
    return [
      fail(
        'name_free',
        `${operation.collection} already has a column ${field}`,
        'Choose another name, or remove that column first.',
      ),
    ];
  }
  const type = await resolveType(connection, referenceOf(operation));
  const value = valueText(operation, type);
  const columnOf: ColumnOf = (each) => requireColumn(table, each);
  compileConditions(operation.conditions, columnOf, inlineLiterals);
  const checks = [pass('name_free', `${operation.collection} has no column ${field} yet`)];
  if (!nullable && value === null) {
    const row = await connection.row(`SELECT 1 FROM ${table.sql} LIMIT 1`);
    checks.push(
      checkThat(row === undefined, 'null_values', {
        pass: `${operation.collection} has no rows that would lack ${field}`,
        fail: `the rows of ${operation.collection} would have no value for ${field}, which is NOT NULL`,
        action: 'Give a default_value.',
      }),
    );
  }
  return checks;
}

async function* fill(database: Database, run: RunContext, operation: Operate, undo: Undo) {
  const table = await database.transaction((connection) => readTable(connection, operation.collection));
  yield* fillColumn(database, run, {
    table,
    field: operation.data.field_name,
    value: (bind) => bind(undo.value!, undo.native),
    where: (bind) => compileConditions(operation.conditions, (each) => requireColumn(table, each), bind),
    batchSize: operation.batch_size,
  });
}

/** Every row that is to have the value has one: with conditions those that match, else all. */
async function filledChecks(connection: Connection, table: Table, operation: Operate, undo: Undo): Promise<Check[]> {
  if (undo.value === null) return [];
  const parameters = new Parameters();
  const where = compileConditions(operation.conditions, (each) => requireColumn(table, each), parameters.bind);
  const without = await findRows(connection, table, `(${where}) AND ${quote(operation.data.field_name)} IS NULL`, {
    values: parameters.values,
  });
  return [
    checkThat(
      without.count === 0,
      'field_filled',
      {
        pass: 'every row that is to have the value has one',
        fail: `${without.count} rows lack the value${listExamples(without)}`,
        action: 'Run again; see whether the application writes nulls.',
      },
      { rows: without.count } satisfies JsonObject,
    ),
  ];
}

/** The condition that a row holds a value which this operation did not give. */
function writtenCondition(name: string, undo: Undo): string {
  const given = undo.value === null ? 'NULL' : `(${literal(undo.value)}::${undo.native})::text`;
  return `${name} IS NOT NULL AND ${name}::text IS DISTINCT FROM ${given}`;
}

/** Keeps the values that are neither null nor the one that this operation gave, before the column goes. */
async function keepWritten(
  connection: Connection,
  table: Table,
  operation: Operate,
  undo: Undo,
  run: RunContext,
): Promise<string | undefined> {
  const column = requireColumn(table, operation.data.field_name);
  await connection.execute(`LOCK TABLE ${table.sql} IN ACCESS EXCLUSIVE MODE`);
  const name = quote(column.name);
  const written = writtenCondition(name, undo);
  const found = await findRows(connection, table, written);
  if (found.count === 0) return undefined;
  const kept = await newKeptTable(connection, run.aside, column.name);
  const columns = table.rowKey.length > 0 ? [...table.rowKey, column.name] : table.columns.map((each) => each.name);
  await connection.execute(`CREATE TABLE ${kept} AS SELECT ${quoteList(columns)} FROM ${table.sql} WHERE ${written}`);
  return `kept ${found.count} values written since in ${kept}`;
}
