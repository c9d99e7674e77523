import { type Check, checkThat, fail, type Operation, pass, warn } from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import { checkLength } from '../catalog/table-name.ts';
import type { Connection } from '../database.ts';
import { dropAside } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { duplicateCheck } from '../handler/duplicates.ts';
import { ddlTransaction } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote, quoteQualified } from '../identifiers.ts';
import { buildConcurrently, definitionBody, dropConcurrently, findIndex } from '../indexes/build.ts';
import { compileIndex, createStatement } from '../indexes/definition.ts';
import { stepScript } from '../script/step-script.ts';
import { nameHolder } from './rename-collection.ts';

/** `existed`: an index of this name that does the same was there before, and stays on rollback. */
type Undo = { schema: string; existed: boolean; concurrently: boolean };
type Data = Operation<'create_index'>['data'];

/** create_index: built with CONCURRENTLY, in place of an invalid leftover if there is one. */
export const createIndex: HandlerFactory<'create_index', Undo> = ({ database }) => ({
  async plan({ collection, data }, planContext) {
    const table = await plannedTable(database, planContext, collection);
    const definition = compileIndex(data, (field) => table.column(field));
    return [
      {
        statement: createStatement(definition, table.sql, table.live?.kind !== 'p'),
        phase: 'expand',
        lock: { mode: `SHARE UPDATE EXCLUSIVE on ${collection}`, held: 'while it scans' },
        rows: table.rows,
        risk: 'none',
        undo: `Drops the index ${data.name}, unless an identical one was there before.`,
      },
    ];
  },
  check: ({ collection, data }) =>
    collectChecks(() => database.transaction((connection) => checkIndex(connection, collection, data), { roll_back: true })),
  async prepare({ collection, data }) {
    return await database.transaction(
      async (connection) => {
        const table = await readTable(connection, collection);
        const existing = await findIndex(connection, table.schema, data.name);
        const same =
          existing?.valid === true &&
          existing.table === table.oid &&
          (await isSame(connection, table, data, existing.definition));
        return { schema: table.schema, existed: same, concurrently: table.kind !== 'p' };
      },
      { roll_back: true },
    );
  },
  async *execute({ collection, data }, undo, run) {
    yield { rows_done: 0, note: `building index ${data.name}` };
    if (!undo.existed) {
      const table = await database.transaction((connection) => readTable(connection, collection));
      const definition = compileIndex(data, (field) => requireColumn(table, field));
      const place = { schema: undo.schema, name: data.name };
      if (undo.concurrently) await buildConcurrently(database, run, place, createStatement(definition, table.sql, true));
      else {
        // A partitioned table takes no CONCURRENTLY.
        await ddlTransaction(database, run, async (connection) => {
          if (!(await findIndex(connection, place.schema, place.name))) {
            await connection.execute(createStatement(definition, table.sql, false));
          }
        });
      }
    }
    yield { rows_done: 0 };
  },
  async verify({ collection, data }, undo) {
    const table = await database.transaction((connection) => readTable(connection, collection));
    const index = await findIndex(database, undo.schema, data.name);
    return [
      checkThat(index?.valid === true && index.table === table.oid, 'index_valid', {
        pass: `the index ${data.name} is there and valid`,
        fail: index === undefined ? `there is no index ${data.name}` : `the index ${data.name} is not valid`,
        action: 'Run again: it is built anew.',
      }),
    ];
  },
  async *rollback({ data }, undo, run) {
    if (!undo.existed) {
      const place = { schema: undo.schema, name: data.name };
      if (undo.concurrently) await dropConcurrently(database, run, place);
      else {
        await ddlTransaction(database, run, (connection) =>
          connection.execute(`DROP INDEX IF EXISTS ${quote(place.schema)}.${quote(place.name)}`),
        );
      }
    }
    yield { rows_done: 0 };
  },
  async discard(_operation, _undo, run) {
    await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
  },
  script: stepScript(database, {
    rollback: ({ data }, undo) => (undo.existed ? [] : [`DROP INDEX IF EXISTS ${quoteQualified(undo.schema, data.name)}`]),
  }),
});

async function checkIndex(connection: Connection, collection: string, data: Data): Promise<Check[]> {
  const table = await readTable(connection, collection);
  checkLength(data.name);
  const definition = compileIndex(data, (field) => requireColumn(table, field));
  const checks: Check[] = [];
  const existing = await findIndex(connection, table.schema, data.name);
  if (existing && !existing.valid && existing.table === table.oid) {
    checks.push(warn('name_free', `an invalid index ${data.name} is there`, 'It is dropped and built again.'));
  } else if (existing) {
    const same = existing.table === table.oid && (await isSame(connection, table, data, existing.definition));
    if (!same)
      return [
        fail(
          'name_free',
          `there is already another index ${data.name}: ${existing.definition}`,
          'Choose another name, or drop that index first.',
        ),
      ];
    return [pass('name_free', `the same index ${data.name} is there already`)];
  } else {
    const holder = await nameHolder(connection, table.schema, data.name);
    if (holder !== undefined) return [fail('name_free', `there is already a ${holder} ${data.name}`, 'Choose another name.')];
    // A trial on an empty copy: the server has the last word on method, operators and settings.
    await definitionOnCopy(connection, table, data);
    checks.push(pass('name_free', `the name ${data.name} is free`));
  }
  if (definition.unique) {
    checks.push(
      await duplicateCheck(connection, table, definition.keys, {
        where: definition.where,
        nullsDistinct: definition.nullsDistinct,
      }),
    );
  }
  return checks;
}

/** Whether an index does what this operation would make, by the words of the server for both. */
async function isSame(connection: Connection, table: Table, data: Data, existing: string): Promise<boolean> {
  return definitionBody(existing) === definitionBody(await definitionOnCopy(connection, table, data));
}

async function definitionOnCopy(connection: Connection, table: Table, data: Data): Promise<string> {
  await connection.execute('SAVEPOINT polyshift_copy');
  const copy = quote(table.name);
  // Without storage: an INCLUDING ALL would bring the table's own indexes, whose names are of no matter here.
  await connection.execute(`CREATE TEMPORARY TABLE ${copy} (LIKE ${table.sql} INCLUDING GENERATED)`);
  await connection.execute(
    createStatement(
      compileIndex(data, (field) => requireColumn(table, field)),
      `pg_temp.${copy}`,
      false,
      'polyshift_trial',
    ),
  );
  const row = await connection.row<{ definition: string }>(
    `SELECT pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relname = 'polyshift_trial' AND c.relnamespace = pg_my_temp_schema()`,
  );
  await connection.execute('ROLLBACK TO SAVEPOINT polyshift_copy');
  return row!.definition;
}
