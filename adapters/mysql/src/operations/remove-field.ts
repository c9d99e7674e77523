import { type Check, fail, listExamples, PolyshiftError, pass } from '@polyshift/core';
import { ColumnDefinition } from '../catalog/column-definition.ts';
import { columnDependents } from '../catalog/dependents.ts';
import { readDefinition, readTable, requireColumn, type TableColumn } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import type { Connection } from '../connection.ts';
import { checksOver } from '../constraints/checks-over.ts';
import { asideName } from '../handler/aside.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { findRows } from '../handler/examples.ts';
import { type KeptColumn, keptColumns } from '../handler/kept-aside.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { asWrittenSince } from '../handler/written-since.ts';
import { quote } from '../identifiers.ts';
import { alterTable } from '../online-ddl/alter.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import { refuseWhere } from '../script/guard.ts';
import { hasColumn } from '../script/step-script.ts';
import { renamed } from '../sql-tokens.ts';

/** `definition`: that of the column behind its name; `required`: whether new rows would lack a value that it must have. */
type Undo = { definition: string; required: boolean; checks: { name: string; definition: string }[] };

/**
 * remove_field: the column gets a name that nobody is shown, is left out of `SELECT *`, and is freed of what would refuse rows without it; its
 * values, indexes and keys stay with it in its place. It is dropped when the migration is finalized.
 */
export const removeField: HandlerFactory<'remove_field', Undo> = (context) =>
  ddlHandler<'remove_field', Undo>(context, {
    async plan({ collection, data, conditions }, planContext) {
      refuseConditions(conditions);
      const table = await plannedTable(context.database, planContext, collection);
      const { name } = table.column(data.field_name);
      const column = table.liveColumn(name);
      const kept = asideName('plan', 'column');
      const required = column !== undefined && needsValue(column);
      return [
        await planAlter(context.database, {
          table,
          changes: column
            ? hideChanges(name, kept, column.definition, required, [])
            : `CHANGE COLUMN ${quote(name)} ${quote(kept)} ... INVISIBLE`,
          inplace: required ? 'while it rewrites' : 'instant',
          phase: 'contract',
          risk: 'data_removed',
          undo: `Brings ${name} back with every value, index and constraint.`,
        }),
      ];
    },
    async check({ collection, data, conditions }, connection) {
      refuseConditions(conditions);
      const table = await readTable(connection, collection);
      const column = requireColumn(table, data.field_name);
      if (table.primaryKey.includes(column.name)) {
        return [
          fail('key_field', `${column.name} is part of the primary key`, 'Drop the primary key first, by drop_constraint.'),
        ];
      }
      if (table.columns.length === 1)
        return [fail('last_field', `${column.name} is the only column of ${collection}`, 'Use drop_collection.')];
      return [await columnDependents(connection, table, column.name)];
    },
    async prepare({ collection, data }, connection) {
      const table = await readTable(connection, collection);
      const column = requireColumn(table, data.field_name);
      const checks = checksOver(table, column.name).map(({ name, definition }) => ({ name, definition }));
      return { definition: column.definition, required: needsValue(column), checks };
    },
    async apply({ collection, data }, undo, connection, run) {
      const table = await readTable(connection, collection);
      const kept = asideName(run.aside, 'column');
      if (!table.allColumns.some((column) => column.name === kept)) {
        const changes = hideChanges(data.field_name, kept, undo.definition, undo.required, undo.checks);
        await alterTable(connection, table.sql, changes);
      }
      return {};
    },
    async verify({ collection, data }, _undo, connection): Promise<Check[]> {
      const table = await readTable(connection, collection);
      const there = table.columns.some((column) => column.name === data.field_name);
      return [
        there
          ? fail('field_absent', `${collection} still has the column ${data.field_name}`, 'See who has added it again.')
          : pass('field_absent', `${collection} has no column ${data.field_name} any more; its values are kept aside`),
      ];
    },
    script({ data }, undo, { table, live, step }) {
      const kept = asideName(step.aside, 'column');
      if (!hasColumn(live, kept)) return [];
      return [
        ...(undo.required
          ? [
              refuseWhere(
                `EXISTS (SELECT 1 FROM ${table.sql} WHERE ${quote(kept)} IS NULL)`,
                `WRITTEN_SINCE: rows written since ${data.field_name} was removed lack its value; give them one in ${kept}`,
              ),
            ]
          : []),
        `ALTER TABLE ${table.sql} ${backChanges(data.field_name, kept, undo)}`,
      ];
    },
    async discardScript({ collection }, _undo, { connection, step }, after) {
      if (after === 'rollback') return [];
      const statements: string[] = [];
      for (const kept of await keptColumns(connection, step.aside, collection)) {
        const changes = await dropKeptChanges(connection, kept);
        if (changes) statements.push(`ALTER TABLE ${changes.table} ${changes.changes}`);
      }
      return statements;
    },
    async revert({ collection, data }, undo, connection, _detail, run) {
      const table = await readTable(connection, collection);
      const kept = asideName(run.aside, 'column');
      if (!table.allColumns.some((column) => column.name === kept)) return undefined;
      if (undo.required) {
        const found = await findRows(connection, table, `r.${quote(kept)} IS NULL`);
        if (found.count > 0) {
          throw new PolyshiftError(
            'WRITTEN_SINCE',
            `${found.count} rows were written since ${data.field_name} was removed, and lack the value that it must have${listExamples(found)}.`,
            { hint: `Give them one in the column ${kept}, then roll back again.`, data: { rows: found.count } },
          );
        }
      }
      try {
        await alterTable(connection, table.sql, backChanges(data.field_name, kept, undo));
      } catch (error) {
        throw asWrittenSince(error, data.field_name);
      }
      return undefined;
    },
    async discard({ collection }, _undo, connection, run) {
      // By now the table may have another name, or be kept aside itself.
      for (const kept of await keptColumns(connection, run.aside, collection)) await dropKept(connection, kept);
    },
  });

/** The column under its name again, as it was, with its checks. */
function backChanges(field: string, kept: string, { definition, checks }: Undo): string {
  return [`CHANGE COLUMN ${quote(kept)} ${quote(field)} ${definition}`, ...checks.map((check) => `ADD ${check.definition}`)].join(
    ', ',
  );
}

/** Whether a row that does not name the column would be refused: with a default, or filled by the store, it would not. */
function needsValue(column: TableColumn): boolean {
  return !column.nullable && column.default === undefined && column.generated === undefined;
}

function hideChanges(
  field: string,
  kept: string,
  definition: string,
  required: boolean,
  checks: readonly { name: string }[],
): string {
  const parsed = ColumnDefinition.parse(renamed(definition, field, kept));
  return [
    ...checks.map(({ name }) => `DROP CONSTRAINT ${quote(name)}`),
    `CHANGE COLUMN ${quote(field)} ${quote(kept)} ${(required ? parsed.nullable() : parsed).invisible()}`,
  ].join(', ');
}

function refuseConditions(conditions: object | undefined): void {
  if (conditions === undefined || Object.keys(conditions).length === 0) return;
  throw new PolyshiftError(
    'UNSUPPORTED_OPERATION',
    'A table has its columns in every row: remove_field takes no conditions here.',
    { hint: 'Set the column to null in these rows by migrate_data with $unset.' },
  );
}

/** Drops a column for good, with the indexes and keys over it: without it they would say something else. */
async function dropKept(connection: Connection, kept: KeptColumn): Promise<void> {
  const found = await dropKeptChanges(connection, kept);
  if (found) await alterTable(connection, found.table, found.changes);
}

async function dropKeptChanges(
  connection: Connection,
  { schema, table: name, column: kept }: KeptColumn,
): Promise<{ table: string; changes: string } | undefined> {
  const found = await tableIn(connection, schema, name);
  if (!found) return undefined;
  const table = await readDefinition(connection, found);
  const changes = [
    ...table.constraints
      .filter((constraint) => constraint.kind === 'foreign_key' && constraint.fields.includes(kept))
      .map((constraint) => `DROP FOREIGN KEY ${quote(constraint.name)}`),
    ...table.allIndexes
      .filter((index) => index.parts.some((part) => part.field === kept))
      .map((index) => `DROP INDEX ${quote(index.name)}`),
    `DROP COLUMN ${quote(kept)}`,
  ];
  return { table: table.sql, changes: changes.join(', ') };
}
