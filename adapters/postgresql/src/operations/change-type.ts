import { type Check, checkThat, fail, listExamples, type Operation, pass, warn } from '@polyshift/core';
import { describeTable } from '../catalog/describe.ts';
import { readTable, requireColumn } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { asideTable, createAsideSchema, dropAside } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { columnDependents } from '../handler/dependents.ts';
import { ddlTransaction, once, readMark, undoOnce } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { resolveType, typeSql } from '../handler/type-reference.ts';
import { quote } from '../identifiers.ts';
import { requireRowKey } from '../row-images/image-table.ts';
import { stepScript } from '../script/step-script.ts';
import { alterType, chooseConversion, countChanged, findUnconvertible, tryOnCopy } from '../type-change/convert.ts';
import { keepOldValues, type OldValues } from '../type-change/old-values.ts';
import { type ColumnState, readColumnState, restoreColumn, restoreColumnScript } from '../type-change/restore-column.ts';
import { verifyValues } from '../type-change/verify-values.ts';

type Operate = Operation<'change_type'>;
/** `key`: the columns that identify a row, with their types; `computed`: the store gives the values, so that there is no default. */
type Undo = {
  native: string;
  using: string | null;
  state: ColumnState;
  key: { name: string; native: string }[];
  computed: boolean;
};

const mark = 'type_changed';

/**
 * change_type: the server rewrites the column in its place, with its indexes and constraints, in one transaction that also keeps every old
 * value aside. Rollback converts back by those values; what the application has written since must convert back exactly.
 */
export const changeType: HandlerFactory<'change_type', Undo> = ({ database }) => ({
  async plan(operation, planContext) {
    const table = await plannedTable(database, planContext, operation.collection);
    const column = table.column(operation.data.field_name);
    const type = await typeSql(operation.data.to);
    const using = operation.data.using === undefined ? '' : ` USING (${operation.data.using})`;
    return [
      {
        statement: `ALTER TABLE ${table.sql} ALTER COLUMN ${quote(column.name)} TYPE ${type}${using}`,
        phase: 'migrate',
        lock: { mode: `ACCESS EXCLUSIVE on ${operation.collection}`, held: 'while it rewrites' },
        rows: table.rows,
        risk: 'data_changed',
        undo: `Brings the type ${column.native ?? ''} and every old value back.`,
      },
    ];
  },
  check: (operation) =>
    collectChecks(() => database.transaction((connection) => checkChange(operation, connection), { roll_back: true })),
  async prepare(operation) {
    return await database.transaction(
      async (connection) => {
        const { table, column, target, using } = await readChange(operation, connection);
        const key = requireRowKey(table).map((name) => ({ name, native: requireColumn(table, name).native }));
        const state = await readColumnState(connection, table, column);
        return { native: target.native, using, state, key, computed: column.generated !== undefined };
      },
      { roll_back: true },
    );
  },
  async *execute(operation, undo, run) {
    await run.fault('before');
    await once(database, run, mark, async (connection) => {
      const table = await readTable(connection, operation.collection);
      const column = requireColumn(table, operation.data.field_name);
      await connection.execute(`LOCK TABLE ${table.sql} IN ACCESS EXCLUSIVE MODE`);
      await createAsideSchema(connection, run.aside);
      await keepOldValues(connection, table, oldValues(run.aside, operation, undo), undo.using ?? quote(column.name));
      await alterType(connection, table, column, undo.native, undo.using);
      return {};
    });
    await run.fault('after');
    yield { rows_done: 0 };
  },
  async verify(operation, undo, run) {
    return await database.transaction(async (connection) => {
      if ((await readMark(connection, run.aside, mark)) === undefined)
        return [fail('type_changed', 'the type was not changed yet', 'Run again.')];
      const table = await readTable(connection, operation.collection);
      const column = requireColumn(table, operation.data.field_name);
      const schema = await describeTable(connection, table);
      const invalid = schema.indexes.filter((index) => (index.definition as { invalid?: boolean }).invalid);
      return [
        checkThat(column.native === undo.native, 'type_changed', {
          pass: `${column.name} is ${column.native}`,
          fail: `${column.name} is ${column.native}, not ${undo.native}`,
          action: 'See who has changed it.',
        }),
        checkThat(invalid.length === 0, 'indexes_valid', {
          pass: 'its indexes are valid',
          fail: `indexes are not valid: ${invalid.map((index) => index.name).join(', ')}`,
          action: 'Build them again.',
        }),
        ...(column.native === undo.native ? await verifyValues(connection, table, oldValues(run.aside, operation, undo)) : []),
      ];
    });
  },
  async *rollback(operation, undo, run) {
    await undoOnce(database, run, mark, async (connection) => {
      const table = await readTable(connection, operation.collection);
      const column = requireColumn(table, operation.data.field_name);
      await connection.execute(`LOCK TABLE ${table.sql} IN ACCESS EXCLUSIVE MODE`);
      await restoreColumn(connection, table, column, undo.state, oldValues(run.aside, operation, undo));
    });
    yield { rows_done: 0 };
  },
  async discard(_operation, _undo, run) {
    await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
  },
  script: stepScript(database, {
    mark,
    rollback: (operation, undo, { table, step }) =>
      restoreColumnScript(table, operation.data.field_name, undo.computed, undo.state, oldValues(step.aside, operation, undo)),
  }),
});

/** Where the old values of the column are kept. */
function oldValues(aside: string, { data }: Operate, { native, state, key }: Undo): OldValues {
  return { sql: asideTable(aside, 'old_values'), field: data.field_name, key, newNative: native, oldNative: state.native };
}

async function readChange(operation: Operate, connection: Connection) {
  const table = await readTable(connection, operation.collection);
  const column = requireColumn(table, operation.data.field_name);
  const target = await resolveType(connection, operation.data.to);
  const using = operation.data.using ?? (await chooseConversion(connection, column, target));
  return { table, column, target, using };
}

async function checkChange(operation: Operate, connection: Connection): Promise<Check[]> {
  const { table, column, target, using } = await readChange(operation, connection);
  requireRowKey(table);
  if (column.generated === 'stored' || column.generated === 'virtual') {
    return [fail('field_writable', `${column.name} is computed by the store`, 'Change its expression by run_sql.')];
  }
  const dependents = await columnDependents(connection, table.oid, column.number);
  if (dependents.length > 0) {
    return [
      fail(
        'dependents',
        `other objects depend on ${column.name}: ${dependents.join(', ')}`,
        'Drop these first, and create them again after.',
      ),
    ];
  }
  const refused = await tryOnCopy(connection, table, column, target.native, using);
  if (refused !== undefined)
    return [
      fail(
        'type_possible',
        `PostgreSQL refuses the change: ${refused}`,
        'Give `using`, or drop the index or constraint that is in the way.',
      ),
    ];
  const broken = await findUnconvertible(connection, table, column, target, using);
  if (broken.count > 0) {
    return [
      fail(
        'values_convert',
        `${broken.count} values of ${column.name} do not convert to ${target.native}${listExamples(broken)}`,
        'Clean these values first, for example by migrate_data, or give `using`.',
        { count: broken.count, examples: [...broken.examples] },
      ),
    ];
  }
  const changed =
    operation.data.using === undefined ? await countChanged(connection, table, column, target.native, using) : undefined;
  return [
    pass('values_convert', `every value of ${column.name} converts to ${target.native}`),
    ...(changed !== undefined && changed.count > 0
      ? [
          warn(
            'values_change',
            `${changed.count} values do not survive the conversion whole${listExamples(changed)}`,
            'They come back on rollback; see whether the new type is meant.',
          ),
        ]
      : []),
  ];
}
