import { checkThat } from '@polyshift/core';
import { columnDependents } from '../catalog/dependents.ts';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { checksOver } from '../constraints/checks-over.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { checkName, quote } from '../identifiers.ts';
import { alterTable } from '../online-ddl/alter.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import { hasColumn } from '../script/step-script.ts';
import { renamed } from '../sql-tokens.ts';

/** The checks over the column, as they were. */
type Undo = { checks: { name: string; definition: string }[] };

/** rename_field: the column keeps its place, its indexes and foreign keys; a check that names it is added anew in the same statement. */
export const renameField: HandlerFactory<'rename_field', Undo> = (context) =>
  ddlHandler<'rename_field', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      const old = table.column(data.old_name).name;
      const changes = table.live
        ? renameChanges(table.live, old, data.new_name)
        : `RENAME COLUMN ${quote(old)} TO ${quote(data.new_name)}`;
      return [
        await planAlter(context.database, {
          table,
          changes,
          inplace: 'instant',
          phase: 'contract',
          undo: `Renames ${data.new_name} back to ${data.old_name}.`,
        }),
      ];
    },
    async check({ collection, data }, connection) {
      const table = await readTable(connection, collection);
      requireColumn(table, data.old_name);
      checkName(data.new_name);
      // Names of columns differ in more than case.
      const taken = table.columns.find(
        (column) => column.name !== data.old_name && column.name.toLowerCase() === data.new_name.toLowerCase(),
      );
      return [
        checkThat(taken === undefined, 'name_free', {
          pass: `${collection} has no column ${data.new_name} yet`,
          fail: `${collection} already has a column ${taken?.name}`,
          action: 'Choose another name, or remove that column first.',
        }),
        await columnDependents(connection, table, data.old_name),
      ];
    },
    async prepare({ collection, data }, connection) {
      const checks = checksOver(await readTable(connection, collection), data.old_name);
      return { checks: checks.map(({ name, definition }) => ({ name, definition })) };
    },
    async apply({ collection, data }, _undo, connection) {
      await rename(connection, collection, data.old_name, data.new_name);
      return {};
    },
    async verify({ collection, data }, _undo, connection) {
      const table = await readTable(connection, collection);
      requireColumn(table, data.new_name);
      const old = table.columns.some((column) => column.name === data.old_name);
      return [
        checkThat(!old, 'field_renamed', {
          pass: `${data.old_name} is called ${data.new_name}`,
          fail: `the column ${data.old_name} is still there`,
          action: 'Run again.',
        }),
      ];
    },
    script({ data }, undo, { table, live }) {
      if (!hasColumn(live, data.new_name)) return [];
      const changes = [
        ...undo.checks.map(({ name }) => `DROP CONSTRAINT ${quote(name)}`),
        `RENAME COLUMN ${quote(data.new_name)} TO ${quote(data.old_name)}`,
        ...undo.checks.map(({ definition }) => `ADD ${definition}`),
      ];
      return [`ALTER TABLE ${table.sql} ${changes.join(', ')}`];
    },
    async revert({ collection, data }, _undo, connection) {
      await rename(connection, collection, data.new_name, data.old_name);
      return undefined;
    },
  });

async function rename(connection: Connection, collection: string, from: string, to: string): Promise<void> {
  const table = await readTable(connection, collection);
  // Renamed already, before a crash.
  if (!table.columns.some((column) => column.name === from)) return;
  await alterTable(connection, table.sql, renameChanges(table, from, to));
}

function renameChanges(table: Table, from: string, to: string): string {
  const checks = checksOver(table, from);
  return [
    ...checks.map(({ name }) => `DROP CONSTRAINT ${quote(name)}`),
    `RENAME COLUMN ${quote(from)} TO ${quote(to)}`,
    ...checks.map(({ definition }) => `ADD ${renamed(definition, from, to)}`),
  ].join(', ');
}
