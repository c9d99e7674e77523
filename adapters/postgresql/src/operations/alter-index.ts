import { checkThat, fail, type Operation, PolyshiftError } from '@polyshift/core';
import { readTable } from '../catalog/table.ts';
import { checkLength } from '../catalog/table-name.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote, quoteQualified } from '../identifiers.ts';
import { findIndex } from '../indexes/build.ts';
import { nameHolder } from './rename-collection.ts';

type Undo = { schema: string };

/** alter_index: renames. What else it can say is of other stores. */
export const alterIndex: HandlerFactory<'alter_index', Undo> = (context) =>
  transactionalHandler<'alter_index', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const name = newName(data);
      const table = await plannedTable(context.database, planContext, collection);
      return [
        {
          statement: `ALTER INDEX ${table.live ? quoteQualified(table.live.schema, data.name) : quote(data.name)} RENAME TO ${quote(name)}`,
          phase: 'expand',
          lock: { mode: `SHARE UPDATE EXCLUSIVE on ${data.name}`, held: 'instant' },
          risk: 'none',
          undo: `Renames ${name} back to ${data.name}.`,
        },
      ];
    },
    async check({ collection, data }, connection) {
      const name = checkLength(newName(data));
      const table = await readTable(connection, collection);
      const index = await findIndex(connection, table.schema, data.name);
      if (index?.table !== table.oid)
        return [fail('index_exists', `${collection} has no index ${data.name}`, 'Correct the name.')];
      const holder = await nameHolder(connection, table.schema, name);
      return [
        checkThat(holder === undefined, 'name_free', {
          pass: `the name ${name} is free`,
          fail: `there is already a ${holder} ${name}`,
          action: 'Choose another name.',
        }),
      ];
    },
    async prepare({ collection }, connection) {
      return { schema: (await readTable(connection, collection)).schema };
    },
    async apply({ data }, undo, connection) {
      await connection.execute(`ALTER INDEX ${quoteQualified(undo.schema, data.name)} RENAME TO ${quote(newName(data))}`);
      return {};
    },
    async verify({ data }, undo, connection) {
      const index = await findIndex(connection, undo.schema, newName(data));
      return [
        checkThat(index !== undefined, 'index_renamed', {
          pass: `the index is called ${newName(data)}`,
          fail: `there is no index ${newName(data)}`,
          action: 'Run again.',
        }),
      ];
    },
    script({ data }, undo) {
      return [`ALTER INDEX ${quoteQualified(undo.schema, newName(data))} RENAME TO ${quote(data.name)}`];
    },
  });

function newName(data: Operation<'alter_index'>['data']): string {
  if (data.hidden !== undefined || data.expire_after_seconds !== undefined || data.new_name === undefined) {
    throw new PolyshiftError(
      'UNSUPPORTED_OPERATION',
      'PostgreSQL indexes can be renamed; hidden and expire_after_seconds are not theirs.',
      {
        hint: 'Leave these out.',
      },
    );
  }
  return data.new_name;
}
