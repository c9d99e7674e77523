import { type Check, checkThat, fail, listExamples, type Operation, pass, warn } from '@polyshift/core';
import { columnDependents } from '../catalog/dependents.ts';
import { isWritable, readTable, requireColumn, requireRowKey, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { checksOver } from '../constraints/checks-over.ts';
import { asideTable, discardAside } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { withLockedTables } from '../handler/locked-tables.ts';
import { isDone, once, undoOnce } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { resolveType, typeSql } from '../handler/type-reference.ts';
import { asWrittenSince } from '../handler/written-since.ts';
import { quote } from '../identifiers.ts';
import { alterTable } from '../online-ddl/alter.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import { keyType, storageType } from '../row-images/image-table.ts';
import { lockedTables, refuseWhere } from '../script/guard.ts';
import { hasColumn, isThere, stepScript } from '../script/step-script.ts';
import { newDefinition, tryConversion } from '../type-change/convert.ts';
import {
  charsetOf,
  createValues,
  createValuesStatements,
  inexactRows,
  keepOldValues,
  type OldValues,
  reckonWayBack,
  wayBackStatements,
} from '../type-change/old-values.ts';
import { dropLeftover, indexesOver, newColumn, replaceColumn, replaceSteps } from '../type-change/replace-column.ts';
import { proveKept, verifyValues } from '../type-change/verify-values.ts';
import { toPortableType } from '../types.ts';

type Operate = Operation<'change_type'>;
type Named = { name: string; definition: string };
/** Definitions before and after, as the server prints them behind the name; `type` and `native`: the new type as written and as printed. */
type Undo = {
  type: string;
  native: string;
  old_native: string;
  old_type: string;
  old_storage: string;
  definition: string;
  old_definition: string;
  key: string[];
  indexes: Named[];
  checks: Named[];
  /** The character set of the table, as a clause. */
  charset: string;
};

const mark = 'type';
const kept = 'old_values';
const wayBack = 'way_back';

/**
 * change_type: nobody reads or writes the table while every old value is kept aside and the server converts the column in its place, or, with
 * `using`, a new column takes its place. Rollback brings back the kept values; what the application has written since must convert back
 * exactly.
 */
export const changeType: HandlerFactory<'change_type', Undo> = ({ database }) => ({
  async plan(operation, planContext) {
    const { using, to, field_name: field } = operation.data;
    const table = await plannedTable(database, planContext, operation.collection);
    const column = table.column(field);
    const step = await planAlter(database, {
      table,
      changes: `MODIFY COLUMN ${quote(column.name)} ${typeSql(to)}`,
      inplace: 'while it rewrites',
      phase: 'migrate',
      risk: 'data_changed',
      undo: `Brings the type ${column.native ?? ''} and every old value back.`,
    });
    const lock = { mode: `WRITE on ${operation.collection} (reads and writes wait)`, held: 'while it rewrites' } as const;
    return [{ ...step, statement: using === undefined ? step.statement : `${step.statement} -- filled with ${using}`, lock }];
  },
  check: (operation) => collectChecks(database, (connection) => checkChange(operation, connection)),
  async prepare(operation) {
    return await database.use((connection) => prepareChange(operation, connection));
  },
  async *execute(operation, undo, run) {
    if (undo.native === undo.old_native) {
      yield { rows_done: 0 };
      return;
    }
    await once(database, run, mark, async (connection) => {
      await dropLeftover(connection, operation.collection);
      const table = await readTable(connection, operation.collection);
      const column = requireColumn(table, operation.data.field_name);
      if (column.native === undo.native) return {};
      const values = oldValues(run.aside, kept, operation, undo);
      await createValues(connection, table, values);
      await run.fault('values_table_created');
      await withLockedTables(connection, [table.sql, values.sql], async () => {
        const { using } = operation.data;
        await keepOldValues(connection, table, values, using === undefined ? quote(column.name) : `(${using}\n)`);
        await run.fault('values_kept');
        await proveKept(connection, table, values, column);
        if (using === undefined) {
          await alterTable(connection, table.sql, `MODIFY COLUMN ${quote(column.name)} ${undo.definition}`);
          return;
        }
        const { definition, type, indexes, checks, key } = undo;
        const common = { collection: operation.collection, field: column.name };
        await replaceColumn(connection, table, {
          ...common,
          definition,
          type,
          indexes,
          checks,
          values: values.sql,
          side: 'a',
          key,
        });
      });
      return {};
    });
    yield { rows_done: 0 };
  },
  async verify(operation, undo, run) {
    const table = await readTable(database, operation.collection);
    const column = requireColumn(table, operation.data.field_name);
    const converted = column.native === undo.native && undo.native !== undo.old_native;
    const done = undo.native === undo.old_native || (await isDone(database, run.aside, mark));
    return [
      checkThat(done && column.native === undo.native, 'type_changed', {
        pass: `${column.name} is ${column.native}`,
        fail: `${column.name} is ${column.native}, not ${undo.native}`,
        action: 'Run again; see who else has changed it.',
      }),
      ...(done && converted ? await verifyValues(database, table, oldValues(run.aside, kept, operation, undo), column) : []),
    ];
  },
  async *rollback(operation, undo, run) {
    await undoOnce(database, run, mark, async (connection) => {
      await dropLeftover(connection, operation.collection);
      const table = await readTable(connection, operation.collection);
      const column = requireColumn(table, operation.data.field_name);
      // Not changed yet, or changed back already, before a crash.
      if (column.native !== undo.native) return;
      const values = oldValues(run.aside, kept, operation, undo);
      const back = oldValues(run.aside, wayBack, operation, undo);
      await createValues(connection, table, back);
      await run.fault('way_back_created');
      await withLockedTables(connection, [table.sql, values.sql, back.sql], async () => {
        await reckonWayBack(connection, table, values, back, column);
        const { old_definition: definition, old_type: type, indexes, checks, key } = undo;
        const common = { collection: operation.collection, field: column.name };
        try {
          await replaceColumn(connection, table, {
            ...common,
            definition,
            type,
            indexes,
            checks,
            values: back.sql,
            side: 'b',
            key,
          });
        } catch (error) {
          throw asWrittenSince(error, `the type ${undo.old_native}`);
        }
      });
    });
    yield { rows_done: 0 };
  },
  async discard(_operation, _undo, run) {
    await discardAside(database, run, kept, wayBack);
  },
  script: stepScript(database, {
    mark,
    aside: [kept, wayBack],
    rollback(operation, undo, { table, live, step }) {
      const field = operation.data.field_name;
      const dropped =
        live !== 'whole' && hasColumn(live, newColumn) ? [`ALTER TABLE ${table.sql} DROP COLUMN ${quote(newColumn)}`] : [];
      const changed = isThere(live, (each) => requireColumn(each, field).native === undo.native);
      if (!changed || undo.native === undo.old_native) return dropped;
      const values = oldValues(step.aside, kept, operation, undo);
      const back = oldValues(step.aside, wayBack, operation, undo);
      const { old_definition: definition, old_type: type, indexes, checks, key, native } = undo;
      const column = { name: field, native, type: toPortableType(native) };
      const common = { collection: operation.collection, field, values: back.sql, side: 'b' };
      const steps = replaceSteps(table.sql, { ...common, definition, type, indexes, checks, key }, { checks, indexes });
      const message = `WRITTEN_SINCE: values of ${field} were written since and do not convert back exactly to ${undo.old_native}`;
      return [
        ...dropped,
        ...createValuesStatements(table.sql, back, undo.charset),
        ...lockedTables(
          [table.sql, values.sql, back.sql],
          [
            ...wayBackStatements(table.sql, values, back, column),
            refuseWhere(`EXISTS (SELECT 1 ${inexactRows(back, column)})`, message),
            `ALTER TABLE ${table.sql} ${steps.add}`,
            steps.fill,
            `ALTER TABLE ${table.sql} ${steps.replace}`,
          ],
        ),
      ];
    },
  }),
});

function oldValues(aside: string, what: string, operation: Operate, undo: Undo): OldValues {
  return {
    sql: asideTable(aside, what),
    field: operation.data.field_name,
    key: undo.key,
    oldType: undo.old_storage,
    newType: undo.type,
  };
}

async function prepareChange(operation: Operate, connection: Connection): Promise<Undo> {
  const table = await readTable(connection, operation.collection);
  const column = requireColumn(table, operation.data.field_name);
  const target = await resolveType(connection, operation.data.to);
  const named = ({ name, definition }: Named): Named => ({ name, definition });
  return {
    type: target.sql,
    native: target.native,
    old_native: column.native,
    old_type: keyType(column),
    old_storage: storageType(column),
    definition: await newDefinition(connection, table, column, target.sql),
    old_definition: column.definition,
    key: [...requireRowKey(table)],
    indexes: indexesOver(table, column.name).map(named),
    checks: checksOver(table, column.name).map(named),
    charset: charsetOf(table),
  };
}

async function checkChange(operation: Operate, connection: Connection): Promise<Check[]> {
  const table: Table = await readTable(connection, operation.collection);
  const column = requireColumn(table, operation.data.field_name);
  requireRowKey(table);
  if (!isWritable(column))
    return [fail('field_writable', `${column.name} is computed by the store`, 'Change its expression by run_sql.')];
  const dependents = await columnDependents(connection, table, column.name, true);
  if (dependents.status === 'FAILED') return [dependents];
  const target = await resolveType(connection, operation.data.to);
  await newDefinition(connection, table, column, target.sql);
  const { refused, changed } = await tryConversion(connection, table, column, target, operation.data.using ?? null);
  if (refused.count > 0) {
    return [
      fail(
        'values_convert',
        `${refused.count} values of ${column.name} do not convert to ${target.native}: ${refused.examples.join('; ')}`,
        'Clean these values first, for example by migrate_data, or give `using`.',
        { count: refused.count, examples: refused.examples },
      ),
    ];
  }
  return [
    pass('values_convert', `every value of ${column.name} converts to ${target.native}`),
    ...(changed.count > 0
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
