import { type Check, checkThat, fail, type Operation, type PlannedStep, pass } from '@polyshift/core';
import { ColumnDefinition } from '../catalog/column-definition.ts';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import { requireTable } from '../catalog/table-name.ts';
import type { Connection } from '../connection.ts';
import { checkRows } from '../constraints/check-rows.ts';
import { compileConstraint, unsupported } from '../constraints/compile.ts';
import type { HandlerContext, HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { checkName, quote, quoteList } from '../identifiers.ts';
import { buildIndex, dropIndex, dropIndexScript, findIndex } from '../indexes/build.ts';
import { compileUnique } from '../indexes/definition.ts';
import { alterTable } from '../online-ddl/alter.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import { isThere } from '../script/step-script.ts';
import { planIndex } from './create-index.ts';

type Operate = Operation<'add_constraint'>;
/** `columns`: definitions that NOT NULL or the primary key changes; `helpers`, `indexes`: what a key brings and what was there before. */
type Undo = { columns: { name: string; definition: string }[]; helpers: { name: string }[]; indexes: string[] };

/** add_constraint: each in one statement of the server, in the cheapest way that it takes; rows that break it are found before. */
export const addConstraint: HandlerFactory<'add_constraint', Undo> = (context) =>
  ddlHandler<'add_constraint', Undo>(context, {
    plan: (operation, planContext) => planConstraint(context, operation, planContext),
    check: (operation, connection) => checkConstraint(context, operation, connection),
    async prepare({ collection, data: { name, constraint } }, connection) {
      const table = await readTable(connection, collection);
      const columnOf = (field: string) => requireColumn(table, field);
      const fields =
        constraint.kind === 'not_null' ? [constraint.field] : constraint.kind === 'primary_key' ? constraint.fields : [];
      const changed = fields.map(columnOf).filter((column) => column.nullable);
      const helpers =
        constraint.kind === 'unique' ? compileUnique(name, constraint.fields, columnOf, context.dialect).helpers : [];
      return {
        columns: changed.map((column) => ({ name: column.name, definition: column.definition })),
        helpers: helpers.map((helper) => ({ name: helper.name })),
        indexes: table.indexes.map((index) => index.name),
      };
    },
    async apply({ collection, data: { name, constraint } }, undo, connection, run) {
      const table = await readTable(connection, collection);
      switch (constraint.kind) {
        case 'check':
        case 'foreign_key': {
          if (table.constraints.some((each) => each.name === name)) break;
          const other =
            constraint.kind === 'foreign_key' ? await requireTable(connection, constraint.references.collection) : table;
          await alterTable(connection, table.sql, `ADD CONSTRAINT ${quote(name)} ${compileConstraint(constraint, other.sql)}`);
          break;
        }
        case 'not_null':
          if (requireColumn(table, constraint.field).nullable)
            await alterTable(connection, table.sql, notNull(table, constraint.field));
          break;
        case 'unique': {
          const index = compileUnique(name, constraint.fields, (field) => requireColumn(table, field), context.dialect);
          await buildIndex(connection, collection, index, run);
          break;
        }
        case 'primary_key':
          if (table.primaryKey.length === 0)
            await alterTable(connection, table.sql, `ADD PRIMARY KEY (${quoteList(constraint.fields)})`);
      }
      // The index that the server makes for a foreign key, unless one serves already.
      return { indexed: !undo.indexes.includes(name) && findIndex(await readTable(connection, collection), name) !== undefined };
    },
    async verify({ collection, data: { name, constraint } }, _undo, connection) {
      const table = await readTable(connection, collection);
      return [
        checkThat(holds(table, name, constraint), 'constraint_valid', {
          pass: `${name} is there, and every row fulfils it`,
          fail: `${name} is not there`,
          action: 'Run again.',
        }),
      ];
    },
    script({ data: { name, constraint } }, undo, { table, live, detail }) {
      const changes: string[] = [];
      if (constraint.kind === 'primary_key') {
        if (isThere(live, (each) => each.primaryKey.length > 0)) changes.push('DROP PRIMARY KEY');
      } else if (constraint.kind !== 'unique' && constraint.kind !== 'not_null') {
        const there = isThere(live, (each) => each.constraints.some((other) => other.name === name));
        if (there) changes.push(`DROP ${constraint.kind === 'foreign_key' ? 'FOREIGN KEY' : 'CONSTRAINT'} ${quote(name)}`);
      }
      const indexed =
        live === 'whole' ? detail['indexed'] === true : live && findIndex(live, name) && !undo.indexes.includes(name);
      if (constraint.kind === 'foreign_key' && indexed) changes.push(`DROP INDEX ${quote(name)}`);
      changes.push(...undo.columns.map((column) => `MODIFY COLUMN ${quote(column.name)} ${column.definition}`));
      return [
        ...(constraint.kind === 'unique' ? dropIndexScript(table.sql, name, undo.helpers, live) : []),
        ...(changes.length > 0 ? [`ALTER TABLE ${table.sql} ${changes.join(', ')}`] : []),
      ];
    },
    async revert({ collection, data: { name, constraint } }, undo, connection) {
      const table = await readTable(connection, collection);
      const changes: string[] = [];
      if (constraint.kind === 'unique') await dropIndex(connection, collection, name, undo.helpers);
      else if (constraint.kind === 'primary_key') {
        if (table.primaryKey.length > 0) changes.push('DROP PRIMARY KEY');
      } else if (table.constraints.some((each) => each.name === name)) {
        changes.push(constraint.kind === 'foreign_key' ? `DROP FOREIGN KEY ${quote(name)}` : `DROP CONSTRAINT ${quote(name)}`);
      }
      // The index that the server has made for a foreign key goes with it.
      if (constraint.kind === 'foreign_key' && findIndex(table, name) && !undo.indexes.includes(name))
        changes.push(`DROP INDEX ${quote(name)}`);
      const changed = undo.columns.filter((column) => !requireColumn(table, column.name).nullable);
      changes.push(...changed.map((column) => `MODIFY COLUMN ${quote(column.name)} ${column.definition}`));
      if (changes.length > 0) await alterTable(connection, table.sql, changes.join(', '));
      return undefined;
    },
  });

function holds(table: Table, name: string, constraint: Operate['data']['constraint']): boolean {
  switch (constraint.kind) {
    case 'not_null':
      return !requireColumn(table, constraint.field).nullable;
    case 'primary_key':
      return table.primaryKey.join('\0') === constraint.fields.join('\0');
    case 'unique':
      return findIndex(table, name)?.kind === 'unique';
    default:
      return table.constraints.some((each) => each.name === name);
  }
}

function notNull(table: Pick<Table, 'name' | 'columns'>, field: string): string {
  const column = requireColumn(table, field);
  return `MODIFY COLUMN ${quote(column.name)} ${ColumnDefinition.parse(column.definition).required()}`;
}

async function planConstraint(
  context: HandlerContext,
  { collection, data: { name, constraint } }: Operate,
  planContext: Parameters<typeof plannedTable>[1],
): Promise<PlannedStep[]> {
  const table = await plannedTable(context.database, planContext, collection);
  const undo = `Drops the constraint ${name}.`;
  const step = (changes: string, inplace: 'while it scans' | 'while it rewrites'): Promise<PlannedStep> =>
    planAlter(context.database, { table, changes, inplace, phase: 'contract', undo });
  switch (constraint.kind) {
    case 'unique': {
      const index = compileUnique(name, constraint.fields, (field) => table.column(field), context.dialect);
      return await planIndex(context, table, index, undo);
    }
    case 'primary_key':
      return [await step(`ADD PRIMARY KEY (${quoteList(constraint.fields)})`, 'while it rewrites')];
    case 'not_null': {
      const live = table.liveColumn(table.column(constraint.field).name);
      const text = live
        ? ColumnDefinition.parse(live.definition).required()
        : `${table.column(constraint.field).native} NOT NULL`;
      return [await step(`MODIFY COLUMN ${quote(constraint.field)} ${text}`, 'while it rewrites')];
    }
    case 'foreign_key': {
      const references = constraint.references.collection.split('.').map(quote).join('.');
      return [await step(`ADD CONSTRAINT ${quote(name)} ${compileConstraint(constraint, references)}`, 'while it scans')];
    }
    case 'check':
      return [await step(`ADD CONSTRAINT ${quote(name)} ${compileConstraint(constraint, '')}`, 'while it rewrites')];
  }
}

async function checkConstraint(context: HandlerContext, { collection, data }: Operate, connection: Connection): Promise<Check[]> {
  const { name, constraint } = data;
  const table = await readTable(connection, collection);
  checkName(name);
  if (constraint.kind === 'unique' && !constraint.nulls_distinct)
    throw unsupported('unique keys in which nulls are equal', 'Make the columns NOT NULL.');
  if (table.constraints.some((each) => each.name === name) || findIndex(table, name)) {
    return [
      fail('name_free', `${collection} already has a constraint ${name}`, 'Choose another name, or drop that constraint first.'),
    ];
  }
  if (constraint.kind === 'primary_key' && table.primaryKey.length > 0)
    return [fail('one_primary_key', `${collection} already has a primary key`, 'Drop it first, by drop_constraint.')];
  if (constraint.kind === 'foreign_key') compileConstraint(constraint, '');
  if (constraint.kind === 'check') {
    const condition = compileConstraint(constraint, '');
    await onTrialTable(connection, table.sql, (trial) => connection.execute(`ALTER TABLE ${trial} ADD ${condition}`));
  }
  return [pass('name_free', `the name ${name} is free`), ...(await checkRows(connection, table, constraint, context.dialect))];
}
