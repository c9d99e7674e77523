import { checkThat, fail, listExamples, PolyshiftError, pass } from '@polyshift/core';
import { asideColumnPrefix, readTable, requireColumn, withQualifiedNames } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import { asideColumn } from '../handler/aside.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { columnDependents } from '../handler/dependents.ts';
import { findRows } from '../handler/examples.ts';
import { keptColumns } from '../handler/kept-aside.ts';
import { readNotNull, restoreNotNull } from '../handler/not-null.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { block, refuseRows } from '../script/block.ts';

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
      await connection.execute(`ALTER TABLE ${table.sql} RENAME COLUMN ${name} TO ${quote(asideColumn(run.aside))}`);
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
    script({ data }, undo, { table, step }) {
      const kept = asideColumn(step.aside);
      return [
        `LOCK TABLE ${table.sql} IN ACCESS EXCLUSIVE MODE`,
        ...(undo.not_null === false
          ? []
          : [
              refuseRows(
                `${table.sql} WHERE ${quote(kept)} IS NULL`,
                `rows were written since ${data.field_name} was removed, and lack the value that it must have`,
                `Give them one in the column ${kept}, then run the script again.`,
              ),
            ]),
        ...backStatements(table.sql, data.field_name, undo, kept),
      ];
    },
    finalizeScript(_operation, _undo, { step }) {
      return [dropKeptColumns(step.aside)];
    },
    async revert({ collection, data }, undo, connection, _detail, run) {
      const table = await readTable(connection, collection);
      const kept = quote(asideColumn(run.aside));
      await connection.execute(`LOCK TABLE ${table.sql} IN ACCESS EXCLUSIVE MODE`);
      if (undo.not_null !== false) {
        const found = await findRows(connection, table, `${kept} IS NULL`);
        if (found.count > 0) {
          throw new PolyshiftError(
            'WRITTEN_SINCE',
            `${found.count} rows were written since ${data.field_name} was removed, and lack the value that it must have${listExamples(found)}.`,
            { hint: `Give them one in the column ${asideColumn(run.aside)}, then roll back again.`, data: { rows: found.count } },
          );
        }
      }
      for (const statement of backStatements(table.sql, data.field_name, undo, asideColumn(run.aside)))
        await connection.execute(statement);
      return undefined;
    },
    async discard(_operation, _undo, connection, _detail, run) {
      // By now the table may have another name, or be kept aside itself.
      for (const { schema, table, column } of await keptColumns(connection, run.aside))
        await connection.execute(`ALTER TABLE ${quoteQualified(schema, table)} DROP COLUMN ${quote(column)}`);
    },
  });

/** The statements that bring the column under its name again, with what it was freed of. */
function backStatements(table: string, field: string, undo: Undo, kept: string): string[] {
  return [
    `ALTER TABLE ${table} RENAME COLUMN ${quote(kept)} TO ${quote(field)}`,
    ...(undo.not_null === false ? [] : [restoreNotNull(table, field, undo.not_null)]),
    ...undo.checks.flatMap(({ name, definition, comment }) => [
      `ALTER TABLE ${table} ADD CONSTRAINT ${quote(name)} ${definition}`,
      ...(comment === null ? [] : [`COMMENT ON CONSTRAINT ${quote(name)} ON ${table} IS ${literal(comment)}`]),
    ]),
  ];
}

/** The statement that drops what `keptColumns` finds. */
function dropKeptColumns(aside: string): string {
  return block(
    `FOR kept IN SELECT n.nspname, c.relname, a.attname
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attname = ${literal(asideColumn(aside))} AND NOT a.attisdropped AND a.attnum > 0 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  LOOP
    EXECUTE format('ALTER TABLE %I.%I DROP COLUMN %I', kept.nspname, kept.relname, kept.attname);
  END LOOP;`,
    'kept record;',
  );
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
