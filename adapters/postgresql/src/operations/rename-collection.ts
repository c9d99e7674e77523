import { checkThat, fail, pass } from '@polyshift/core';
import { checkLength, requireTable, tableIn } from '../catalog/table-name.ts';
import type { Queryable } from '../connection.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote, quoteQualified } from '../identifiers.ts';

/** Where the table was; names outlive a dump and restore, oids do not. */
type Undo = { schema: string; name: string };

/** rename_collection: within the schema of the table. Indexes, sequences and constraints keep their names. */
export const renameCollection: HandlerFactory<'rename_collection', Undo> = (context) =>
  transactionalHandler<'rename_collection', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      return [
        {
          statement: `ALTER TABLE ${table.sql} RENAME TO ${quote(newName(data.new_name, table.live?.schema))}`,
          phase: 'contract',
          lock: { mode: `ACCESS EXCLUSIVE on ${collection}`, held: 'instant' },
          risk: 'none',
          undo: `Renames ${data.new_name} back to ${collection}.`,
        },
      ];
    },
    async check({ collection, data }, connection) {
      const table = await requireTable(connection, collection);
      const name = checkLength(newName(data.new_name, table.schema));
      const holder = await nameHolder(connection, table.schema, name);
      return [
        checkThat(holder === undefined, 'name_free', {
          pass: `the name ${name} is free in the schema ${table.schema}`,
          fail: `the schema ${table.schema} already has a ${holder} ${name}`,
          action: 'Choose another name, or rename that one first.',
        }),
      ];
    },
    async prepare({ collection }, connection) {
      const { schema, name } = await requireTable(connection, collection);
      return { schema, name };
    },
    async apply({ data }, undo, connection) {
      await connection.execute(rename(undo.schema, undo.name, newName(data.new_name, undo.schema)));
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
    script({ data }, undo) {
      return [rename(undo.schema, newName(data.new_name, undo.schema), undo.name)];
    },
  });

/** The new name without the schema, where it is written with that of the table. */
function newName(name: string, schema: string | undefined): string {
  return schema !== undefined && name.startsWith(`${schema}.`) && name.length > schema.length + 1
    ? name.slice(schema.length + 1)
    : name;
}

function rename(schema: string, from: string, to: string): string {
  return `ALTER TABLE ${quoteQualified(schema, from)} RENAME TO ${quote(to)}`;
}

/** What has a name in a schema already: a table's name is shared with indexes, sequences, views and types. */
export async function nameHolder(connection: Queryable, schema: string, name: string): Promise<string | undefined> {
  const row = await connection.row<{ kind: string }>(
    `SELECT CASE c.relkind WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view'
       WHEN 'm' THEN 'materialized view' ELSE 'table' END AS kind
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
     UNION ALL
     SELECT 'type' FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
     WHERE n.nspname = $1 AND t.typname = $2 AND t.typelem = 0 LIMIT 1`,
    [schema, name],
  );
  return row?.kind;
}
