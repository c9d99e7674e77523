import { type Check, checkThat, fail, pass } from '@polyshift/core';
import { requireTable, type TableName } from '../catalog/table-name.ts';
import type { Queryable } from '../connection.ts';
import { asideSchema, createAsideSchema } from '../handler/aside.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote, quoteQualified } from '../identifiers.ts';
import { nameHolder } from './rename-collection.ts';

type Undo = { schema: string; name: string };

/**
 * drop_collection: the table moves into the aside schema of the step with its indexes, constraints, triggers and owned sequences, which keep
 * their names there; rollback moves it back. It is dropped when the migration is finalized.
 */
export const dropCollection: HandlerFactory<'drop_collection', Undo> = (context) =>
  transactionalHandler<'drop_collection', Undo>(context, {
    async plan({ collection }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      return [
        {
          statement: `ALTER TABLE ${table.sql} SET SCHEMA polyshift_aside_...`,
          phase: 'contract',
          lock: { mode: `ACCESS EXCLUSIVE on ${collection}`, held: 'instant' },
          rows: table.rows,
          risk: 'data_removed',
          undo: `Moves ${collection} back with its data, indexes and constraints.`,
        },
      ];
    },
    async check({ collection }, connection) {
      return await dropChecks(connection, await requireTable(connection, collection));
    },
    async prepare({ collection }, connection) {
      const { schema, name } = await requireTable(connection, collection);
      return { schema, name };
    },
    async apply(_operation, undo, connection, run) {
      await createAsideSchema(connection, run.aside);
      await connection.execute(
        `ALTER TABLE ${quoteQualified(undo.schema, undo.name)} SET SCHEMA ${quote(asideSchema(run.aside))}`,
      );
      return {};
    },
    async verify(_operation, undo, connection) {
      const holder = await nameHolder(connection, undo.schema, undo.name);
      return [
        checkThat(holder === undefined, 'collection_absent', {
          pass: `${undo.name} is out of use and kept aside`,
          fail: `there is still a ${holder} ${undo.name}`,
          action: 'See what has created it again.',
        }),
      ];
    },
    script(_operation, undo, { step }) {
      return [`ALTER TABLE ${quoteQualified(asideSchema(step.aside), undo.name)} SET SCHEMA ${quote(undo.schema)}`];
    },
  });

async function dropChecks(connection: Queryable, table: TableName): Promise<Check[]> {
  if (table.kind !== 'r') {
    return [
      fail(
        'plain_table',
        `${table.name} is no plain table`,
        'Views, partitioned and foreign tables are dropped by run_sql with up and down.',
      ),
    ];
  }
  const dependents = await connection.rows<{ name: string }>(
    `SELECT 'view ' || c.oid::regclass AS name FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class
     WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND c.oid <> $1
     UNION SELECT 'foreign key ' || conname || ' of ' || conrelid::regclass FROM pg_constraint WHERE contype = 'f' AND confrelid = $1 AND conrelid <> $1
     UNION SELECT 'child table ' || inhrelid::regclass FROM pg_inherits WHERE inhparent = $1
     UNION SELECT 'parent table ' || inhparent::regclass FROM pg_inherits WHERE inhrelid = $1
     ORDER BY name`,
    [table.oid],
  );
  if (dependents.length === 0) return [pass('dependents', `nothing depends on ${table.name}`)];
  const names = dependents.map((row) => row.name).join(', ');
  return [fail('dependents', `other objects depend on ${table.name}: ${names}`, 'Drop or change these first.')];
}
