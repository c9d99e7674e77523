import { type Check, checkThat, fail, listExamples, PolyshiftError, pass } from '@polyshift/core';
import { ColumnDefinition } from '../catalog/column-definition.ts';
import { tableDependents } from '../catalog/dependents.ts';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { findRows } from '../handler/examples.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { asWrittenSince } from '../handler/written-since.ts';
import { quote } from '../identifiers.ts';
import { buildIndex, buildIndexScript, dropIndex, findIndex, keptIndex } from '../indexes/build.ts';
import { alterTable } from '../online-ddl/alter.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import { refuseWhere } from '../script/guard.ts';

/** What was dropped, in the words of the server: a column's definition, an index, or a check or foreign key. */
type Undo = {
  kind: 'not_null' | 'index' | 'check' | 'foreign_key';
  definition: string;
  helpers: { name: string; definition: string }[];
};

/** drop_constraint: the definition is kept; rollback adds it again. */
export const dropConstraint: HandlerFactory<'drop_constraint', Undo> = (context) =>
  ddlHandler<'drop_constraint', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      const live = data.not_null === undefined ? undefined : table.liveColumn(table.column(data.not_null).name);
      const found = table.live && data.not_null === undefined ? dropClause(table.live, data.name) : undefined;
      const changes =
        data.not_null === undefined
          ? (found ?? `DROP CONSTRAINT ${quote(data.name)}`)
          : `MODIFY COLUMN ${quote(data.not_null)} ${live ? ColumnDefinition.parse(live.definition).nullable() : '... NULL'}`;
      return [
        await planAlter(context.database, {
          table,
          changes,
          inplace: data.not_null === undefined ? 'instant' : 'while it rewrites',
          phase: 'expand',
          undo: 'Adds the constraint again; refused where rows written since break it.',
        }),
      ];
    },
    async check({ collection, data }, connection) {
      const table = await readTable(connection, collection);
      if (data.not_null !== undefined) return [checkNotNull(table, data.not_null)];
      return await checkNamed(connection, table, data.name);
    },
    async prepare({ collection, data }, connection) {
      const table = await readTable(connection, collection);
      if (data.not_null !== undefined)
        return { kind: 'not_null', definition: requireColumn(table, data.not_null).definition, helpers: [] };
      const constraint = table.constraints.find((each) => each.name === data.name);
      if (constraint) return { kind: constraint.kind, definition: constraint.definition, helpers: [] };
      const index = findIndex(table, data.name);
      if (!index) throw new PolyshiftError('UNKNOWN_FIELD', `${collection} has no constraint ${data.name}.`);
      const { sql, helpers } = keptIndex(table, index);
      return { kind: 'index', definition: sql, helpers };
    },
    async apply({ collection, data }, undo, connection) {
      const table = await readTable(connection, collection);
      if (undo.kind === 'not_null') {
        const column = requireColumn(table, data.not_null!);
        if (!column.nullable) {
          const definition = ColumnDefinition.parse(column.definition).nullable();
          await alterTable(connection, table.sql, `MODIFY COLUMN ${quote(column.name)} ${definition}`);
        }
      } else if (undo.helpers.length > 0) await dropIndex(connection, collection, data.name, undo.helpers);
      else {
        const clause = dropClause(table, data.name);
        if (clause !== undefined) await alterTable(connection, table.sql, clause);
      }
      return {};
    },
    async verify({ collection, data }, _undo, connection) {
      const table = await readTable(connection, collection);
      const gone =
        data.not_null === undefined ? dropClause(table, data.name) === undefined : requireColumn(table, data.not_null).nullable;
      return [
        checkThat(gone, 'constraint_absent', {
          pass: `${data.not_null === undefined ? `the constraint ${data.name}` : `NOT NULL of ${data.not_null}`} is gone`,
          fail: `${data.name} is still there`,
          action: 'Run again.',
        }),
      ];
    },
    script({ collection, data }, undo, { table, live }) {
      const field = data.not_null;
      if (field !== undefined) {
        const message = `WRITTEN_SINCE: rows of ${collection} have null in ${field} now; give them a value`;
        return [
          refuseWhere(`EXISTS (SELECT 1 FROM ${table.sql} WHERE ${quote(field)} IS NULL)`, message),
          `ALTER TABLE ${table.sql} MODIFY COLUMN ${quote(field)} ${undo.definition}`,
        ];
      }
      if (undo.kind === 'index')
        return buildIndexScript(table.sql, data.name, { sql: undo.definition, helpers: undo.helpers }, live);
      const left = live !== 'whole' && live !== undefined && dropClause(live, data.name) !== undefined;
      return left ? [] : [`ALTER TABLE ${table.sql} ADD ${undo.definition}`];
    },
    async revert({ collection, data }, undo, connection, _detail, run) {
      const table = await readTable(connection, collection);
      try {
        if (undo.kind === 'not_null') {
          await refuseNulls(connection, table, data.not_null!);
          await alterTable(connection, table.sql, `MODIFY COLUMN ${quote(data.not_null!)} ${undo.definition}`);
        } else if (undo.kind === 'index') {
          await buildIndex(connection, collection, { name: data.name, sql: undo.definition, helpers: undo.helpers }, run);
        } else if (dropClause(table, data.name) === undefined) {
          await alterTable(connection, table.sql, `ADD ${undo.definition}`);
        }
      } catch (error) {
        throw asWrittenSince(error, data.name);
      }
      return undefined;
    },
  });

/** What drops a constraint, by what it is; undefined where there is none of this name. */
function dropClause(table: Table, name: string): string | undefined {
  const constraint = table.constraints.find((each) => each.name === name);
  if (constraint) return constraint.kind === 'check' ? `DROP CONSTRAINT ${quote(name)}` : `DROP FOREIGN KEY ${quote(name)}`;
  const index = findIndex(table, name);
  if (index?.kind === 'primary') return 'DROP PRIMARY KEY';
  return index?.kind === 'unique' ? `DROP INDEX ${quote(name)}` : undefined;
}

async function refuseNulls(connection: Connection, table: Table, field: string): Promise<void> {
  const nulls = await findRows(connection, table, `r.${quote(field)} IS NULL`);
  if (nulls.count === 0) return;
  throw new PolyshiftError(
    'WRITTEN_SINCE',
    `${nulls.count} rows of ${table.name} have null in ${field} now${listExamples(nulls)}.`,
    { hint: 'Give these rows a value, then roll back again.' },
  );
}

function checkNotNull(table: Table, field: string): Check {
  const column = requireColumn(table, field);
  if (table.primaryKey.includes(column.name))
    return fail('key_field', `${column.name} is part of the primary key`, 'Drop the primary key instead.');
  if (column.generated !== undefined)
    return fail('generated', `${column.name} is ${column.generated}`, 'Change how the column is generated by run_sql.');
  return checkThat(!column.nullable, 'constraint_exists', {
    pass: `${column.name} is NOT NULL`,
    fail: `${column.name} may be null already`,
    action: 'Remove the operation.',
  });
}

async function checkNamed(connection: Connection, table: Table, name: string): Promise<Check[]> {
  if (dropClause(table, name) === undefined)
    return [
      fail('constraint_exists', `${table.name} has no constraint ${name}`, 'Correct the name; the primary key is PRIMARY.'),
    ];
  const index = findIndex(table, name);
  const automatic = table.columns.find((column) => column.generated === 'auto_increment');
  if (index?.kind === 'primary' && automatic)
    return [fail('automatic_number', `${automatic.name} is numbered by the store, and needs the key`, 'Take that off first.')];
  const checks = [pass('constraint_exists', `${table.name} has the constraint ${name}`)];
  // Foreign keys of others may need the key; the server would refuse.
  if (index) checks.push(await tableDependents(connection, table, true).then(onlyKeys));
  return checks;
}

/** Views do not need a key. */
function onlyKeys(check: Check): Check {
  return check.status === 'PASS' || check.message.includes('foreign key') ? check : pass(check.check, 'no foreign key needs it');
}
