import { innerOperations, type Operation, type PlanContext, type PlannedStep } from '@polyshift/core';
import type { Database } from '../database.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote } from '../identifiers.ts';
import { versionSchemaOf } from './names.ts';
import { mergedAside, planPartRows, planParts } from './plan-parts.ts';
import { planTriggers } from './plan-triggers.ts';

/** The statements of an online change. What the operations do to an empty table that nobody uses stands by their names. */
export async function planOnlineChange(
  database: Database,
  operation: Operation<'online_change'>,
  context: PlanContext,
): Promise<PlannedStep[]> {
  const table = await plannedTable(database, context, operation.collection);
  const schema = table.live?.schema ?? 'public';
  const name = table.live?.name ?? operation.collection;
  const version = `${quote(versionSchemaOf(schema, context.version ?? '<version>'))}.${quote(name)}`;
  const undo = 'Drops the new version; the old one has every write that was made to either.';
  const finalized = 'None: finalize makes it final.';
  const on = (mode: string, held: 'none' | 'instant' | 'while it scans') => ({
    mode: `${mode} on ${operation.collection}`,
    held,
  });
  return [
    {
      statement: `CREATE TABLE ${version} (LIKE ${table.sql} INCLUDING ALL)`,
      phase: 'expand',
      lock: on('ACCESS SHARE', 'instant'),
      risk: 'none',
      undo,
    },
    ...planParts(operation, table.sql, version, { schema, undo }),
    ...innerOperations(operation).map(
      (each): PlannedStep => ({
        statement: `-- on the empty new version: ${each.type} ${JSON.stringify(each.data)}`,
        phase: 'expand',
        lock: { mode: `ACCESS EXCLUSIVE on the new version`, held: 'none' },
        rows: 0,
        risk: 'none',
        undo,
      }),
    ),
    {
      statement: `CREATE TRIGGER ... ON ${table.sql}; CREATE TRIGGER ... ON ${version} -- each write to either is carried to the other`,
      phase: 'expand',
      lock: on('SHARE ROW EXCLUSIVE', 'instant'),
      risk: 'none',
      undo,
    },
    ...(await planTriggers(database, table.live)),
    {
      statement: `INSERT INTO ${version} SELECT ... FROM ${table.sql} ON CONFLICT DO NOTHING -- by key, about half a second a batch`,
      phase: 'migrate',
      lock: on('ROW SHARE', 'none'),
      rows: table.rows,
      risk: 'none',
      undo,
    },
    ...planPartRows(operation, table.sql, version, undo),
    {
      statement: `ALTER TABLE ${table.sql} SET SCHEMA polyshift_aside_...; ALTER TABLE ${version} SET SCHEMA ${quote(schema)}${mergedAside(operation)} -- by finalize, after another proof`,
      phase: 'contract',
      lock: on('ACCESS EXCLUSIVE', 'instant'),
      risk: 'data_removed',
      undo: finalized,
    },
  ];
}
