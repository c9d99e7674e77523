import { checkThat, fail, type Operation, PolyshiftError } from '@polyshift/core';
import type { TableIndex } from '../catalog/create-statement.ts';
import { readTable } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import type { HandlerContext, HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { checkName, quote } from '../identifiers.ts';
import { findIndex } from '../indexes/build.ts';
import { alterTable } from '../online-ddl/alter.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import { isThere } from '../script/step-script.ts';
import type { Dialect } from '../server-features.ts';

type Undo = { hidden: boolean };
type Data = Operation<'alter_index'>['data'];

/** alter_index: renames it, and hides it from queries or shows it again. */
export const alterIndex: HandlerFactory<'alter_index', Undo> = (context) =>
  ddlHandler<'alter_index', Undo>(context, {
    async plan({ collection, data }, planContext) {
      refuseOthers(data, context.dialect);
      const table = await plannedTable(context.database, planContext, collection);
      const common = { table, inplace: 'instant', phase: 'expand' } as const;
      const undo = 'Sets name and visibility back to what they were.';
      const changes = [
        ...(data.hidden === undefined ? [] : [visibility(context.dialect, data.name, data.hidden)]),
        ...(data.new_name === undefined ? [] : [`RENAME INDEX ${quote(data.name)} TO ${quote(data.new_name)}`]),
      ];
      return await Promise.all(changes.map((change) => planAlter(context.database, { ...common, changes: change, undo })));
    },
    async check({ collection, data }, connection) {
      refuseOthers(data, context.dialect);
      const table = await readTable(connection, collection);
      const index = findIndex(table, data.name);
      if (!index || index.kind === 'primary')
        return [fail('index_exists', `${collection} has no index ${data.name}`, 'Correct the name.')];
      const taken = data.new_name !== undefined && findIndex(table, checkName(data.new_name)) !== undefined;
      return [
        checkThat(!taken, 'name_free', {
          pass: 'the name is free',
          fail: `there is already an index ${data.new_name}`,
          action: 'Choose another name.',
        }),
      ];
    },
    async prepare({ collection, data }, connection) {
      const index = findIndex(await readTable(connection, collection), data.name);
      return { hidden: index !== undefined && isHidden(index) };
    },
    async apply({ collection, data }, undo, connection) {
      await change(context, connection, collection, {
        from: data.name,
        to: data.new_name ?? data.name,
        hidden: data.hidden ?? undo.hidden,
      });
      return {};
    },
    async verify({ collection, data }, undo, connection) {
      const index = findIndex(await readTable(connection, collection), data.new_name ?? data.name);
      const fits = index !== undefined && isHidden(index) === (data.hidden ?? undo.hidden);
      return [
        checkThat(fits, 'index_altered', {
          pass: `the index ${index?.name} is as it was asked for`,
          fail: index ? `${index.name}: ${index.definition}` : `there is no index ${data.new_name ?? data.name}`,
          action: 'Run again.',
        }),
      ];
    },
    script({ data }, undo, { table, live }) {
      const from = data.new_name ?? data.name;
      const renamed = from !== data.name && isThere(live, (each) => findIndex(each, from) !== undefined);
      const shown = data.hidden !== undefined && data.hidden !== undo.hidden;
      return [
        ...(renamed ? [`ALTER TABLE ${table.sql} RENAME INDEX ${quote(from)} TO ${quote(data.name)}`] : []),
        ...(shown ? [`ALTER TABLE ${table.sql} ${visibility(context.dialect, data.name, undo.hidden)}`] : []),
      ];
    },
    async revert({ collection, data }, undo, connection) {
      await change(context, connection, collection, { from: data.new_name ?? data.name, to: data.name, hidden: undo.hidden });
      return undefined;
    },
  });

async function change(
  { dialect }: HandlerContext,
  connection: Connection,
  collection: string,
  wanted: { from: string; to: string; hidden: boolean },
): Promise<void> {
  const table = await readTable(connection, collection);
  if (wanted.from !== wanted.to && findIndex(table, wanted.from)) {
    await alterTable(connection, table.sql, `RENAME INDEX ${quote(wanted.from)} TO ${quote(wanted.to)}`);
  }
  const index = findIndex(table, wanted.from) ?? findIndex(table, wanted.to);
  if (index && isHidden(index) !== wanted.hidden) {
    await alterTable(connection, table.sql, visibility(dialect, wanted.to, wanted.hidden));
  }
}

function visibility(dialect: Dialect, name: string, hidden: boolean): string {
  const shown = dialect.hiddenIndex === 'IGNORED' ? 'NOT IGNORED' : 'VISIBLE';
  return `ALTER INDEX ${quote(name)} ${hidden ? dialect.hiddenIndex : shown}`;
}

function isHidden(index: TableIndex): boolean {
  return /\b(INVISIBLE|IGNORED)\b/i.test(index.definition.slice(index.definition.lastIndexOf(')')));
}

function refuseOthers(data: Data, dialect: Dialect): void {
  if (data.expire_after_seconds !== undefined) {
    throw new PolyshiftError('UNSUPPORTED_OPERATION', 'MySQL has no indexes with a time to live.', {
      hint: 'Delete old rows by an event or a job.',
    });
  }
  if (data.hidden !== undefined && dialect.hiddenIndex === undefined) {
    throw new PolyshiftError('UNSUPPORTED_OPERATION', 'This server has no hidden indexes.', { hint: 'Leave `hidden` out.' });
  }
}
