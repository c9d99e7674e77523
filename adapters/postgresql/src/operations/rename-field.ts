import { checkThat, pass } from '@polyshift/core';
import { readTable, requireColumn } from '../catalog/table.ts';
import { checkLength } from '../catalog/table-name.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote } from '../identifiers.ts';

type Undo = Record<string, never>;

/** rename_field: the column keeps its place, its indexes and constraints; views go on by themselves. */
export const renameField: HandlerFactory<'rename_field', Undo> = (context) =>
  transactionalHandler<'rename_field', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      const old = table.column(data.old_name).name;
      return [
        {
          statement: `ALTER TABLE ${table.sql} RENAME COLUMN ${quote(old)} TO ${quote(data.new_name)}`,
          phase: 'contract',
          lock: { mode: `ACCESS EXCLUSIVE on ${collection}`, held: 'instant' },
          risk: 'none',
          undo: `Renames ${data.new_name} back to ${data.old_name}.`,
        },
      ];
    },
    async check({ collection, data }, connection) {
      const table = await readTable(connection, collection);
      requireColumn(table, data.old_name);
      checkLength(data.new_name);
      const taken = table.columns.some((column) => column.name === data.new_name);
      return [
        checkThat(!taken, 'name_free', {
          pass: `${collection} has no column ${data.new_name} yet`,
          fail: `${collection} already has a column ${data.new_name}`,
          action: 'Choose another name, or remove that column first.',
        }),
      ];
    },
    async prepare() {
      return {};
    },
    async apply({ collection, data }, _undo, connection) {
      const table = await readTable(connection, collection);
      requireColumn(table, data.old_name);
      await connection.execute(`ALTER TABLE ${table.sql} RENAME COLUMN ${quote(data.old_name)} TO ${quote(data.new_name)}`);
      return {};
    },
    async verify({ collection, data }, _undo, connection) {
      const table = await readTable(connection, collection);
      requireColumn(table, data.new_name);
      const old = table.columns.some((column) => column.name === data.old_name);
      return [
        old
          ? checkThat(false, 'field_renamed', {
              pass: '',
              fail: `the column ${data.old_name} is still there`,
              action: 'Run again.',
            })
          : pass('field_renamed', `${data.old_name} is called ${data.new_name}`),
      ];
    },
    script({ data }, _undo, { table }) {
      return [`ALTER TABLE ${table.sql} RENAME COLUMN ${quote(data.new_name)} TO ${quote(data.old_name)}`];
    },
  });
