import { checkThat, fail, pass } from '@polyshift/core';
import { tableDependents } from '../catalog/dependents.ts';
import { requireTable, tableIn } from '../catalog/table-name.ts';
import type { Connection } from '../connection.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { checkName, quote, quoteQualified } from '../identifiers.ts';
import type { ScriptSource } from '../script/step-script.ts';

/** Where the table was. */
type Undo = { schema: string; name: string };

/** rename_collection: within the database of the table. Foreign keys and triggers go with it; views would not, and are in the way. */
export const renameCollection: HandlerFactory<'rename_collection', Undo> = (context) =>
  ddlHandler<'rename_collection', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      return [
        {
          statement: `RENAME TABLE ${table.sql} TO ${quote(newName(data.new_name, table.live?.schema))}`,
          phase: 'contract',
          lock: { mode: `EXCLUSIVE on ${collection}`, held: 'instant' },
          risk: 'none',
          undo: `Renames ${data.new_name} back to ${collection}.`,
        },
      ];
    },
    async check({ collection, data }, connection) {
      const table = await requireTable(connection, collection);
      const name = checkName(newName(data.new_name, table.schema));
      const taken = await tableIn(connection, table.schema, name);
      return [
        checkThat(taken === undefined, 'name_free', {
          pass: `the name ${name} is free`,
          fail: `there is already a ${taken?.kind} ${name}`,
          action: 'Choose another name, or rename that one first.',
        }),
        await tableDependents(connection, table, false),
      ];
    },
    async prepare({ collection }, connection) {
      const { schema, name } = await requireTable(connection, collection);
      return { schema, name };
    },
    async apply({ data }, undo, connection) {
      await renameTable(connection, undo.schema, undo.name, newName(data.new_name, undo.schema));
      return {};
    },
    async verify({ data }, undo, connection) {
      const table = await tableIn(connection, undo.schema, newName(data.new_name, undo.schema));
      return [
        table
          ? pass('collection_renamed', `${undo.name} is called ${table.name}`)
          : fail('collection_renamed', `there is no table ${data.new_name}`, 'Run again.'),
      ];
    },
    script: ({ data }, undo, source) => renameScript(source, undo.schema, newName(data.new_name, undo.schema), undo.name),
    async revert({ data }, undo, connection) {
      await renameTable(connection, undo.schema, newName(data.new_name, undo.schema), undo.name);
      return undefined;
    },
  });

/** The new name without the database, where it is written with that of the table. */
function newName(name: string, schema: string | undefined): string {
  return schema !== undefined && name.startsWith(`${schema}.`) && name.length > schema.length + 1
    ? name.slice(schema.length + 1)
    : name;
}

/** Renames a table within its database, which is one step for everybody who looks. Idempotent. */
export async function renameTable(connection: Connection, schema: string, from: string, to: string): Promise<void> {
  if ((await tableIn(connection, schema, from)) === undefined) return;
  await connection.execute(renameStatement(schema, from, to));
}

function renameStatement(schema: string, from: string, to: string): string {
  return `RENAME TABLE ${quoteQualified(schema, from)} TO ${quoteQualified(schema, to)}`;
}

/** The statement that renames a table back; none where a step that stopped part-way had not renamed it yet. */
export async function renameScript(source: ScriptSource, schema: string, from: string, to: string): Promise<string[]> {
  const { connection, live } = source;
  if (live !== 'whole' && (await tableIn(connection, schema, from)) === undefined) return [];
  return [renameStatement(schema, from, to)];
}
