import { type Check, checkThat, fail, type Operation, type PlannedStep, pass } from '@polyshift/core';
import { readTable, requireColumn } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import type { HandlerContext, HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { duplicateCheck } from '../handler/examples.ts';
import { type PlannedTable, plannedTable } from '../handler/planned-table.ts';
import { checkName, quote } from '../identifiers.ts';
import { buildIndex, dropIndex, dropIndexScript, findIndex, keptIndex, sameIndex, trialIndex } from '../indexes/build.ts';
import { compileIndex, type IndexDefinition } from '../indexes/definition.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';

/** `existed`: an index of this name that does the same was there before, and stays on rollback. */
type Undo = { existed: boolean; helpers: { name: string }[] };
type Data = Operation<'create_index'>['data'];

/**
 * create_index: built in place while everybody writes, where the server can. Rows of a condition, and long texts of a unique index, are computed
 * in columns that nobody sees.
 */
export const createIndex: HandlerFactory<'create_index', Undo> = (context) =>
  ddlHandler<'create_index', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      const index = compileIndex(data, (field) => table.column(field), context.dialect);
      return await planIndex(context, table, index, `Drops the index ${data.name}, unless an identical one was there before.`);
    },
    check: ({ collection, data }, connection) => checkIndex(context, connection, collection, data),
    async prepare({ collection, data }, connection) {
      const table = await readTable(connection, collection);
      const definition = compileIndex(data, (field) => requireColumn(table, field), context.dialect);
      const existing = findIndex(table, data.name);
      const helpers = definition.helpers.map(({ name }) => ({ name }));
      if (!existing) return { existed: false, helpers };
      return { existed: sameIndex(keptIndex(table, existing), await trialIndex(connection, table, definition)), helpers };
    },
    async apply({ collection, data }, undo, connection, run) {
      if (undo.existed) return {};
      const table = await readTable(connection, collection);
      const definition = compileIndex(data, (field) => requireColumn(table, field), context.dialect);
      await buildIndex(connection, collection, definition, run);
      return {};
    },
    async verify({ collection, data }, _undo, connection) {
      const table = await readTable(connection, collection);
      return [
        checkThat(findIndex(table, data.name) !== undefined, 'index_valid', {
          pass: `the index ${data.name} is there`,
          fail: `there is no index ${data.name}`,
          action: 'Run again.',
        }),
      ];
    },
    script: ({ data }, undo, { table, live }) => (undo.existed ? [] : dropIndexScript(table.sql, data.name, undo.helpers, live)),
    async revert({ collection, data }, undo, connection) {
      if (!undo.existed) await dropIndex(connection, collection, data.name, undo.helpers);
      return undefined;
    },
  });

/** The steps of an index: the columns that are computed for it, which is instant, and itself. */
export async function planIndex(
  { database }: HandlerContext,
  table: PlannedTable,
  index: IndexDefinition,
  undo: string,
): Promise<PlannedStep[]> {
  const added = index.helpers.map(({ name, definition }) => `ADD COLUMN ${quote(name)} ${definition}`).join(', ');
  const build = `ADD ${index.sql}`;
  const common = { table, phase: 'expand', undo } as const;
  if (added === '') return [await planAlter(database, { ...common, changes: build, inplace: 'while it scans' })];
  const helpers = await planAlter(database, { ...common, changes: added, inplace: 'while it rewrites' });
  return [
    helpers,
    {
      statement: `ALTER TABLE ${table.sql} ${build}`,
      phase: 'expand',
      rows: table.rows,
      lock: { mode: `the least that the server takes on ${table.name}`, held: 'while it scans' },
      risk: 'none',
      undo,
    },
  ];
}

async function checkIndex(context: HandlerContext, connection: Connection, collection: string, data: Data): Promise<Check[]> {
  const table = await readTable(connection, collection);
  checkName(data.name);
  const definition = compileIndex(data, (field) => requireColumn(table, field), context.dialect);
  // On an empty copy the server has the last word on columns, lengths and options.
  const built = await trialIndex(connection, table, definition);
  const existing = findIndex(table, data.name);
  if (existing) {
    const same = sameIndex(keptIndex(table, existing), built);
    return [
      same
        ? pass('name_free', `the same index ${data.name} is there already`)
        : fail(
            'name_free',
            `there is already another index ${data.name}: ${existing.definition}`,
            'Choose another name, or drop that index first.',
          ),
    ];
  }
  const checks = [pass('name_free', `the name ${data.name} is free`)];
  if (definition.unique) {
    const { where, keys, fields } = definition;
    checks.push(await duplicateCheck(connection, table, keys, { where, names: fields }));
  }
  return checks;
}
