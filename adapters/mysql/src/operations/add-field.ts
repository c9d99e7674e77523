import {
  type Check,
  checkThat,
  fail,
  listExamples,
  type Operation,
  PolyshiftError,
  pass,
  type RunContext,
} from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import { jsonToLiteral } from '../comparable.ts';
import { compileConditions } from '../conditions.ts';
import type { Connection } from '../connection.ts';
import { constantDefault } from '../default-value.ts';
import { discardAside, hasTable, newKeptTable } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { findRows } from '../handler/examples.ts';
import { withLockedTables } from '../handler/locked-tables.ts';
import { isDone, once, undoOnce } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { resolveType, typeSql } from '../handler/type-reference.ts';
import { checkName, literal, quote, quoteList } from '../identifiers.ts';
import { alterTable } from '../online-ddl/alter.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import { fillColumn } from '../row-images/fill-column.ts';
import { lockedTables, onlyWhere } from '../script/guard.ts';
import { hasColumn as hasColumnNow, stepScript } from '../script/step-script.ts';
import { nativeOfValue, toPortableType } from '../types.ts';
import { type SqlColumn, sameExactly } from '../values/literal.ts';

type Operate = Operation<'add_field'>;
/** The type as it is written and as the server prints it, and the value as SQL, null where there is none. */
type Undo = { type: string; native: string; value: string | null; key: string[] };

const mark = 'column';

/**
 * add_field: a column with a constant default is there at once, for old rows too. With conditions the column is added empty and the
 * matching rows get the value in batches; new rows then get none. Rollback keeps what the application has written into it.
 */
export const addField: HandlerFactory<'add_field', Undo> = ({ database }) => ({
  async plan(operation, planContext) {
    const table = await plannedTable(database, planContext, operation.collection);
    const { default_value: value, field_name: field } = operation.data;
    const type = typeSql(referenceOf(operation));
    const undo = 'Drops the column; values that the application has written into it are kept in a table polyshift_kept_...';
    const changes = addClause(operation, type);
    const add = await planAlter(database, { table, changes, inplace: 'while it rewrites', phase: 'expand', undo });
    if (!isConditional(operation) || value == null) return [add];
    const where = compileConditions(operation.conditions, (each) => table.column(each));
    return [
      add,
      {
        statement: `UPDATE ${table.sql} SET ${quote(field)} = ${valueSql(operation, type)} WHERE ${where} -- by key, ${operation.batch_size} rows a batch`,
        phase: 'migrate',
        lock: { mode: `the rows of one batch of ${operation.collection}`, held: 'none' },
        rows: table.rows,
        risk: 'data_changed',
        undo: 'Goes with the column.',
      },
    ];
  },
  check: (operation) => collectChecks(database, (connection) => checkAddField(operation, connection)),
  async prepare(operation) {
    return await database.use(async (connection) => {
      const { sql, native } = await resolveType(connection, referenceOf(operation));
      const { rowKey } = await readTable(connection, operation.collection);
      const value = operation.data.default_value == null ? null : valueSql(operation, sql);
      return { type: sql, native, value, key: [...rowKey] };
    });
  },
  async *execute(operation, undo, run) {
    await once(database, run, mark, async (connection) => {
      const table = await readTable(connection, operation.collection);
      if (!hasColumn(table, operation.data.field_name)) await alterTable(connection, table.sql, addClause(operation, undo.type));
      return {};
    });
    if (!isConditional(operation) || undo.value === null) {
      yield { rows_done: 0 };
      return;
    }
    const table = await readTable(database, operation.collection);
    yield* fillColumn(database, run, {
      table,
      field: operation.data.field_name,
      value: undo.value,
      where: compileConditions(operation.conditions, (each) => requireColumn(table, each)),
      batchSize: operation.batch_size,
    });
  },
  async verify(operation, undo, run) {
    if (!(await isDone(database, run.aside, mark))) return [fail('field_present', 'the column was not added yet', 'Run again.')];
    const table = await readTable(database, operation.collection);
    const column = requireColumn(table, operation.data.field_name);
    return [
      checkThat(column.native === undo.native, 'field_present', {
        pass: `${operation.collection} has the column ${column.name} ${column.native}`,
        fail: `${column.name} is ${column.native}, not ${undo.native}`,
        action: 'See who has changed the column.',
      }),
      ...(undo.value === null ? [] : [await database.use((connection) => filledCheck(connection, table, operation))]),
    ];
  },
  async *rollback(operation, undo, run) {
    const note = await undoOnce(database, run, mark, async (connection) => {
      const table = await readTable(connection, operation.collection);
      if (!hasColumn(table, operation.data.field_name)) return undefined;
      return await dropKeeping(connection, table, operation, undo, run);
    });
    yield note === undefined ? { rows_done: 0 } : { rows_done: 0, note };
  },
  async discard(_operation, _undo, run) {
    await discardAside(database, run);
  },
  script: stepScript(database, {
    mark,
    async rollback(operation, undo, { table, live, step, connection }) {
      const field = operation.data.field_name;
      if (!hasColumnNow(live, field)) return [];
      const kept = await newKeptTable(connection, step.aside, field);
      const columns = undo.key.length > 0 ? quoteList([...undo.key, field]) : '*';
      const written = writtenCondition(columnOf(operation, undo.native), undo);
      return [
        `CREATE TABLE ${kept} AS SELECT ${columns} FROM ${table.sql} WHERE FALSE`,
        ...lockedTables(
          [table.sql, kept],
          [
            `INSERT INTO ${kept} SELECT ${columns} FROM ${table.sql} WHERE ${written}`,
            `ALTER TABLE ${table.sql} DROP COLUMN ${quote(field)}`,
          ],
        ),
        ...onlyWhere(`NOT EXISTS (SELECT 1 FROM ${kept})`, `DROP TABLE ${kept}`),
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

function columnOf({ data }: Operate, native: string) {
  return { name: data.field_name, type: /^json$/i.test(native) ? ({ kind: 'json' } as const) : toPortableType(native), native };
}

function valueSql(operation: Operate, native: string): string {
  return jsonToLiteral(columnOf(operation, native), operation.data.default_value ?? null);
}

function addClause(operation: Operate, type: string): string {
  const { field_name: field, default_value: value, nullable, comment } = operation.data;
  const constant = value != null && !isConditional(operation);
  return [
    `ADD COLUMN ${quote(field)} ${type}`,
    nullable ? 'NULL' : 'NOT NULL',
    ...(constant ? [`DEFAULT ${constantDefault(columnOf(operation, type), value)}`] : []),
    ...(comment === undefined ? [] : [`COMMENT ${literal(comment)}`]),
  ].join(' ');
}

function hasColumn(table: Table, field: string): boolean {
  return table.columns.some((column) => column.name === field);
}

async function checkAddField(operation: Operate, connection: Connection): Promise<Check[]> {
  const { field_name: field, nullable, default_value: value } = operation.data;
  const table = await readTable(connection, operation.collection);
  checkName(field);
  if (isConditional(operation) && !nullable) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${field} cannot be NOT NULL where conditions leave rows without a value.`, {
      hint: 'Leave the conditions out, or add a not_null constraint by an operation of its own.',
    });
  }
  // Names of columns differ in more than case.
  const taken = table.columns.find((column) => column.name.toLowerCase() === field.toLowerCase());
  if (taken) {
    return [
      fail(
        'name_free',
        `${operation.collection} already has a column ${taken.name}`,
        'Choose another name, or remove that column first.',
      ),
    ];
  }
  const { sql } = await resolveType(connection, referenceOf(operation));
  compileConditions(operation.conditions, (each) => requireColumn(table, each));
  await onTrialTable(connection, table.sql, (trial) => connection.execute(`ALTER TABLE ${trial} ${addClause(operation, sql)}`));
  const checks = [pass('name_free', `${operation.collection} has no column ${field} yet`)];
  if (!nullable && value == null) {
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

/** Every row that is to have the value has one: with conditions those that match, else all. */
async function filledCheck(connection: Connection, table: Table, operation: Operate): Promise<Check> {
  const where = compileConditions(operation.conditions, (each) => requireColumn(table, each), 'r.');
  const without = await findRows(connection, table, `(${where}) AND r.${quote(operation.data.field_name)} IS NULL`);
  return checkThat(
    without.count === 0,
    'field_filled',
    {
      pass: 'every row that is to have the value has one',
      fail: `${without.count} rows lack the value${listExamples(without)}`,
      action: 'Run again; see whether the application writes nulls.',
    },
    { rows: without.count },
  );
}

/** The condition that a row holds a value which this operation did not give. */
function writtenCondition(column: SqlColumn, { value }: Undo): string {
  const name = quote(column.name);
  return `${name} IS NOT NULL AND ${value === null ? 'TRUE' : `NOT (${sameExactly(column, name, value)})`}`;
}

/**
 * Drops the column, and keeps the values that are neither null nor the one that this operation gave: nobody can write between the two. The table
 * for them is made before, because none can be made while tables are locked.
 */
async function dropKeeping(
  connection: Connection,
  table: Table,
  operation: Operate,
  undo: Undo,
  run: RunContext,
): Promise<string | undefined> {
  const column = requireColumn(table, operation.data.field_name);
  const name = quote(column.name);
  const written = writtenCondition(column, undo);
  const kept = await newKeptTable(connection, run.aside, column.name);
  const columns = table.rowKey.length > 0 ? [...table.rowKey, column.name] : table.columns.map((each) => each.name);
  await connection.execute(`CREATE TABLE ${kept} AS SELECT ${quoteList(columns)} FROM ${table.sql} WHERE FALSE`);
  let count = 0;
  try {
    await withLockedTables(connection, [table.sql, kept], async () => {
      count = await connection.execute(
        `INSERT INTO ${kept} (${quoteList(columns)}) SELECT ${quoteList(columns)} FROM ${table.sql} WHERE ${written}`,
      );
      await alterTable(connection, table.sql, `DROP COLUMN ${name}`);
    });
  } finally {
    if (count === 0 && (await hasTable(connection, kept.slice(1, -1))))
      await connection.execute(`DROP TABLE ${kept}`).catch(() => {});
  }
  return count === 0 ? undefined : `kept ${count} values written since in ${kept}`;
}
