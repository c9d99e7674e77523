import { checkThat, pass } from '@polyshift/core';
import { readTable, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { alterTable } from '../online-ddl/alter.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import { optionsSql, printedOptions, undoSql } from '../table-options.ts';

/** What sets the options back, as SQL. */
type Undo = { options: string[] };

/** alter_options: engine, comment, row format, default character set, next automatic number, and what the statistics are made from. */
export const alterOptions: HandlerFactory<'alter_options', Undo> = (context) =>
  ddlHandler<'alter_options', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      return [
        await planAlter(context.database, {
          table,
          changes: optionsSql(data.options).join(', '),
          inplace: 'row_format' in data.options || 'key_block_size' in data.options ? 'while it rewrites' : 'instant',
          phase: 'expand',
          undo: 'Sets each option back to what it was.',
        }),
      ];
    },
    async check({ collection, data }, connection) {
      const table = await readTable(connection, collection);
      const changes = optionsSql(data.options).join(', ');
      await onTrialTable(connection, table.sql, (trial) => connection.execute(`ALTER TABLE ${trial} ${changes}`));
      return [pass('options_valid', `the server takes ${Object.keys(data.options).join(', ')}`)];
    },
    async prepare({ collection, data }, connection) {
      const printed = await optionsOf(connection, await readTable(connection, collection));
      return { options: Object.keys(data.options).map((name) => undoSql(name, printed)) };
    },
    async apply({ collection, data }, _undo, connection) {
      const table = await readTable(connection, collection);
      await alterTable(connection, table.sql, optionsSql(data.options).join(', '));
      return { options: optionsText(await optionsOf(connection, table), Object.keys(data.options)) };
    },
    async verify({ collection, data }, _undo, connection, detail) {
      const found = optionsText(
        await optionsOf(connection, await readTable(connection, collection)),
        Object.keys(data.options).filter((name) => name !== 'auto_increment'),
      );
      const wanted = (detail?.['options'] ?? []) as string[];
      return [
        checkThat(detail !== undefined && found.every((each) => wanted.includes(each)), 'option_set', {
          pass: `the table has ${found.join(', ')}`,
          fail: `the table has ${found.join(', ')}, not ${wanted.join(', ')}`,
          action: 'Run again.',
        }),
      ];
    },
    script(_operation, undo, { table }) {
      return [`ALTER TABLE ${table.sql} ${undo.options.join(', ')}`];
    },
    async revert({ collection }, undo, connection) {
      const table = await readTable(connection, collection);
      await alterTable(connection, table.sql, undo.options.join(', '));
      return undefined;
    },
  });

/** Read anew, because the next automatic number is left out of the description of a table. */
async function optionsOf(connection: Connection, table: Table): Promise<ReadonlyMap<string, string>> {
  const [shown] = await connection.values(`SHOW CREATE TABLE ${table.sql}`);
  const text = String(shown![1]);
  return printedOptions(text.slice(text.lastIndexOf('\n)')));
}

function optionsText(printed: ReadonlyMap<string, string>, names: readonly string[]): string[] {
  return names.map((name) => printed.get(name) ?? `no ${name}`);
}
