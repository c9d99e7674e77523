import { checkThat, fail } from '@polyshift/core';
import { tableDependents } from '../catalog/dependents.ts';
import { requireTable, tableIn } from '../catalog/table-name.ts';
import { asideName } from '../handler/aside.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quoteQualified } from '../identifiers.ts';
import { renameScript, renameTable } from './rename-collection.ts';

type Undo = { schema: string; name: string };

/**
 * drop_collection: the table gets a name that nobody is shown, and keeps its indexes, constraints and triggers; rollback gives it its own back.
 * It is dropped when the migration is finalized.
 */
export const dropCollection: HandlerFactory<'drop_collection', Undo> = (context) =>
  ddlHandler<'drop_collection', Undo>(context, {
    async plan({ collection }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      return [
        {
          statement: `RENAME TABLE ${table.sql} TO polyshift_aside_...`,
          phase: 'contract',
          lock: { mode: `EXCLUSIVE on ${collection}`, held: 'instant' },
          rows: table.rows,
          risk: 'data_removed',
          undo: `Renames it back to ${collection}, with its data, indexes and constraints.`,
        },
      ];
    },
    async check({ collection }, connection) {
      const table = await requireTable(connection, collection);
      if (table.kind === 'view') return [fail('plain_table', `${table.name} is a view`, 'Drop it by run_sql with up and down.')];
      return [await tableDependents(connection, table, true)];
    },
    async prepare({ collection }, connection) {
      const { schema, name } = await requireTable(connection, collection);
      return { schema, name };
    },
    async apply(_operation, undo, connection, run) {
      const kept = asideName(run.aside, 'table');
      // Where it is aside already, a table of the old name is somebody else's.
      if ((await tableIn(connection, undo.schema, kept)) === undefined)
        await renameTable(connection, undo.schema, undo.name, kept);
      return {};
    },
    async verify(_operation, undo, connection) {
      const there = await tableIn(connection, undo.schema, undo.name);
      return [
        checkThat(there === undefined, 'collection_absent', {
          pass: `${undo.name} is out of use and kept aside`,
          fail: `there is still a ${there?.kind} ${undo.name}`,
          action: 'See what has created it again.',
        }),
      ];
    },
    script: (_operation, undo, source) => renameScript(source, undo.schema, asideName(source.step.aside, 'table'), undo.name),
    discardScript: (_operation, undo, { step }) => [dropAsideTable(undo, step.aside)],
    async revert(_operation, undo, connection, _detail, run) {
      await renameTable(connection, undo.schema, asideName(run.aside, 'table'), undo.name);
      return undefined;
    },
    async discard(_operation, undo, connection, run) {
      await connection.execute(dropAsideTable(undo, run.aside));
    },
  });

function dropAsideTable({ schema }: Undo, aside: string): string {
  return `DROP TABLE IF EXISTS ${quoteQualified(schema, asideName(aside, 'table'))}`;
}
