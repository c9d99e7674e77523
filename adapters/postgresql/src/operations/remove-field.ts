import { checkThat, fail, PolyshiftError, pass } from '@polyshift/core';
import { asideColumnPrefix, readTable, requireColumn, withQualifiedNames } from '../catalog/table.ts';
import { findTable } from '../catalog/table-name.ts';
import type { Queryable } from '../connection.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { columnDependents } from '../handler/dependents.ts';
import { findRows, listExamples } from '../handler/examples.ts';
import { readNotNull, restoreNotNull } from '../handler/not-null.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { cutIdentifier, literal, quote } from '../identifiers.ts';

type KeptCheck = { name: string; definition: string; comment: string | null };
/** `not_null`: false where it stays as it was, else the name of the constraint or null. */
type Undo = { not_null: string | null | false; checks: KeptCheck[] };

/**
 * remove_field: the column is renamed, hidden from polyshift, and freed of what would refuse rows without it; its values, indexes and
 * constraints stay with it in its place. It is dropped when the migration is finalized.
 */
export const removeField: HandlerFactory<'remove_field', Undo> = (context) =>
  transactionalHandler<'remove_field', Undo>(context, {
    async plan({ collection, data, conditions }, planContext) {
      refuseConditions(conditions);
      const table = await plannedTable(context.database, planContext, collection);
      const name = table.column(data.field_name).name;
      return [
        {
          statement: `ALTER TABLE ${table.sql} RENAME COLUMN ${quote(name)} TO ${asideColumnPrefix}...`,
          phase: 'contract',
          lock: { mode: `ACCESS EXCLUSIVE on ${collection}`, held: 'instant' },
          rows: table.rows,
          risk: 'data_removed',
          undo: `Brings ${name} back with every value, index and constraint.`,
        },
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
      const dependents = await columnDependents(connection, table.oid, column.number);
      return [
        checkThat(dependents.length === 0, 'dependents', {
          pass: `nothing depends on ${column.name}`,
          fail: `other objects depend on ${column.name}: ${dependents.join(', ')}`,
          action: 'Drop or change these first.',
        }),
      ];
    },
    async prepare({ collection, data }, connection) {
      const table = await readTable(connection, collection);
      const column = requireColumn(table, data.field_name);
      // With a default, or numbered by the store, the column fills itself: new rows need no help.
      const fillsItself = column.default !== undefined || column.generated !== undefined;
      const notNull = await readNotNull(connection, table.oid, column.number);
      return {
        not_null: fillsItself || notNull === undefined ? false : notNull,
        checks: await checksOver(connection, table.oid, column.number),
      };
    },
    async apply({ collection, data }, undo, connection, run) {
      const table = await readTable(connection, collection);
      const name = quote(data.field_name);
      for (const check of undo.checks) await connection.execute(`ALTER TABLE ${table.sql} DROP CONSTRAINT ${quote(check.name)}`);
      if (undo.not_null !== false) await connection.execute(`ALTER TABLE ${table.sql} ALTER COLUMN ${name} DROP NOT NULL`);
      await connection.execute(`ALTER TABLE ${table.sql} RENAME COLUMN ${name} TO ${quote(asideName(run.aside))}`);
      return {};
    },
    async verify({ collection, data }, _undo, connection) {
      const table = await readTable(connection, collection);
      const there = table.columns.some((column) => column.name === data.field_name);
      return [
        there
          ? fail('field_absent', `${collection} still has the column ${data.field_name}`, 'See who has added it again.')
          : pass('field_absent', `${collection} has no column ${data.field_name} any more; its values are kept aside`),
      ];
    },
    async revert({ collection, data }, undo, connection, _detail, run) {
      const table = await readTable(connection, collection);
      const kept = quote(asideName(run.aside));
      await connection.execute(`LOCK TABLE ${table.sql} IN ACCESS EXCLUSIVE MODE`);
      if (undo.not_null !== false) {
        const found = await findRows(connection, table, `${kept} IS NULL`);
        if (found.count > 0) {
          throw new PolyshiftError(
            'WRITTEN_SINCE',
            `${found.count} rows were written since ${data.field_name} was removed, and lack the value that it must have${listExamples(found)}.`,
            { hint: `Give them one in the column ${asideName(run.aside)}, then roll back again.`, data: { rows: found.count } },
          );
        }
      }
      await connection.execute(`ALTER TABLE ${table.sql} RENAME COLUMN ${kept} TO ${quote(data.field_name)}`);
      if (undo.not_null !== false) await restoreNotNull(connection, table.sql, data.field_name, undo.not_null);
      for (const check of undo.checks) {
        await connection.execute(`ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(check.name)} ${check.definition}`);
        if (check.comment !== null) {
          await connection.execute(`COMMENT ON CONSTRAINT ${quote(check.name)} ON ${table.sql} IS ${literal(check.comment)}`);
        }
      }
      return undefined;
    },
    async discard({ collection }, _undo, connection, detail, run) {
      const table = detail && (await findTable(connection, collection));
      if (table) await connection.execute(`ALTER TABLE ${table.sql} DROP COLUMN IF EXISTS ${quote(asideName(run.aside))}`);
    },
  });

function asideName(aside: string): string {
  return cutIdentifier(asideColumnPrefix + aside);
}

function refuseConditions(conditions: object | undefined): void {
  if (conditions === undefined || Object.keys(conditions).length === 0) return;
  throw new PolyshiftError(
    'UNSUPPORTED_OPERATION',
    'A table has its columns in every row: remove_field takes no conditions here.',
    {
      hint: 'Set the column to null in these rows by migrate_data with $unset.',
    },
  );
}

/** Check constraints that name the column: one that demands a value would refuse every new row. */
async function checksOver(connection: Queryable, oid: number, column: number): Promise<KeptCheck[]> {
  return await withQualifiedNames(connection, () =>
    connection.rows<KeptCheck>(
      `SELECT conname AS name, pg_get_constraintdef(oid) AS definition, obj_description(oid, 'pg_constraint') AS comment
       FROM pg_constraint WHERE conrelid = $1 AND contype = 'c' AND $2 = ANY(conkey) ORDER BY conname`,
      [oid, column],
    ),
  );
}
