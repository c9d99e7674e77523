import { checkThat, fail, PolyshiftError, pass } from '@polyshift/core';
import { readTable } from '../catalog/table.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { asWrittenSince } from '../handler/written-since.ts';
import { quote } from '../identifiers.ts';
import { buildIndex, buildIndexScript, dropIndex as drop, findIndex, type KeptIndex, keptIndex } from '../indexes/build.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';

type Undo = KeptIndex;

/** drop_index: dropped in place, and on rollback built again from the server's own words. */
export const dropIndex: HandlerFactory<'drop_index', Undo> = (context) =>
  ddlHandler<'drop_index', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      return [
        await planAlter(context.database, {
          table,
          changes: `DROP INDEX ${quote(data.name)}`,
          inplace: 'instant',
          phase: 'contract',
          risk: 'data_removed',
          undo: `Builds the index ${data.name} again from its definition.`,
        }),
      ];
    },
    async check({ collection, data }, connection) {
      const index = findIndex(await readTable(connection, collection), data.name);
      if (!index) return [fail('index_exists', `${collection} has no index ${data.name}`, 'Correct the name.')];
      if (index.kind === 'primary') return [fail('plain_index', 'the primary key is a constraint', 'Use drop_constraint.')];
      return [pass('index_exists', `${collection} has the index ${data.name}`)];
    },
    async prepare({ collection, data }, connection) {
      const table = await readTable(connection, collection);
      const index = findIndex(table, data.name);
      if (!index) throw new PolyshiftError('UNKNOWN_FIELD', `${collection} has no index ${data.name}.`);
      return keptIndex(table, index);
    },
    async apply({ collection, data }, undo, connection) {
      await drop(connection, collection, data.name, undo.helpers);
      return {};
    },
    async verify({ collection, data }, _undo, connection) {
      const index = findIndex(await readTable(connection, collection), data.name);
      return [
        checkThat(index === undefined, 'index_absent', {
          pass: `there is no index ${data.name} any more`,
          fail: `the index ${data.name} is still there`,
          action: 'Run again.',
        }),
      ];
    },
    script: ({ data }, undo, { table, live }) => buildIndexScript(table.sql, data.name, undo, live),
    async revert({ collection, data }, undo, connection, _detail, run) {
      try {
        await buildIndex(connection, collection, { name: data.name, ...undo }, run);
      } catch (error) {
        throw asWrittenSince(error, data.name);
      }
      return undefined;
    },
  });
