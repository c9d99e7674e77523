import { type Check, checkThat, fail, isPolyshiftError, type JsonObject, PolyshiftError, pass } from '@polyshift/core';
import { describeTable } from '../catalog/describe.ts';
import { readTable } from '../catalog/table.ts';
import { dropAside } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlTransaction } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { buildConcurrently, concurrently, dropConcurrently, findIndex, furtherStatements } from '../indexes/build.ts';
import { stepScript } from '../script/step-script.ts';

/** The definition as `introspect` gives it. */
type Undo = { schema: string; definition: JsonObject };

/** drop_index: dropped, and on rollback built again, with CONCURRENTLY. */
export const dropIndex: HandlerFactory<'drop_index', Undo> = ({ database }) => ({
  async plan({ collection, data }, planContext) {
    const table = await plannedTable(database, planContext, collection);
    return [
      {
        statement: `DROP INDEX CONCURRENTLY ${quote(data.name)}`,
        phase: 'contract',
        lock: { mode: `SHARE UPDATE EXCLUSIVE on ${collection}`, held: 'instant' },
        rows: table.rows,
        risk: 'data_removed',
        undo: `Builds the index ${data.name} again from its definition.`,
      },
    ];
  },
  check: ({ collection, data }) =>
    collectChecks(() =>
      database.transaction(async (connection): Promise<Check[]> => {
        const table = await readTable(connection, collection);
        const index = await findIndex(connection, table.schema, data.name);
        if (index?.table !== table.oid)
          return [fail('index_exists', `${collection} has no index ${data.name}`, 'Correct the name.')];
        if (index.constraint !== null) {
          return [fail('plain_index', `${data.name} carries the constraint ${index.constraint}`, 'Use drop_constraint.')];
        }
        if (table.kind === 'p')
          return [fail('plain_table', `${collection} is partitioned`, 'Drop the index by run_sql with up and down.')];
        return [pass('index_exists', `${collection} has the index ${data.name}`)];
      }),
    ),
  async prepare({ collection, data }) {
    return await database.transaction(async (connection) => {
      const table = await readTable(connection, collection);
      const schema = await describeTable(connection, table);
      const index = schema.indexes.find((each) => each.name === data.name);
      if (!index) throw new PolyshiftError('UNKNOWN_FIELD', `${collection} has no index ${data.name}.`);
      return { schema: table.schema, definition: index.definition as JsonObject };
    });
  },
  async *execute({ data }, undo, run) {
    await run.fault('before');
    await dropConcurrently(database, run, { schema: undo.schema, name: data.name });
    yield { rows_done: 0 };
  },
  async verify({ data }, undo) {
    const index = await findIndex(database, undo.schema, data.name);
    return [
      checkThat(index === undefined, 'index_absent', {
        pass: `there is no index ${data.name} any more`,
        fail: `the index ${data.name} is still there`,
        action: 'Run again.',
      }),
    ];
  },
  async *rollback({ collection, data }, undo, run) {
    const place = { schema: undo.schema, name: data.name };
    yield { rows_done: 0, note: `building index ${data.name}` };
    try {
      await buildConcurrently(database, run, place, concurrently(String(undo.definition['sql'])));
    } catch (error) {
      if (!isPolyshiftError(error, 'DUPLICATE_KEY')) throw error;
      throw new PolyshiftError('WRITTEN_SINCE', `Rows written since ${data.name} was dropped break it: ${error.message}`, {
        hint: 'Remove the duplicates, then roll back again.',
        cause: error,
      });
    }
    const table = await database.transaction((connection) => readTable(connection, collection));
    await ddlTransaction(database, run, async (connection) => {
      for (const statement of furtherStatements(table.sql, place, undo.definition, literal)) await connection.execute(statement);
    });
    yield { rows_done: 0 };
  },
  async discard(_operation, _undo, run) {
    await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
  },
  script: stepScript(database, {
    rollback({ data }, undo, { table, step }) {
      const place = { schema: undo.schema, name: data.name };
      return [
        // A step that stopped part-way may have dropped nothing yet, or have left an invalid index.
        ...(step.state === 'done' ? [] : [`DROP INDEX IF EXISTS ${quoteQualified(place.schema, place.name)}`]),
        String(undo.definition['sql']),
        ...furtherStatements(table.sql, place, undo.definition, literal),
      ];
    },
  }),
});
