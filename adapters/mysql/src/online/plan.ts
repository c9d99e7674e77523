import type { Operation, PlanContext, PlannedStep } from '@polyshift/core';
import { operationRegistry } from '@polyshift/core';
import type { Database } from '../database.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote } from '../identifiers.ts';
import { incomingKeys } from './incoming-keys.ts';
import { changesOf, mergedTables } from './parts.ts';
import { planParts } from './plan-parts.ts';
import { referring } from './reference.ts';
import { userTriggers } from './user-triggers.ts';

/** What an online change comes to. */
export async function planOnline(
  database: Database,
  operation: Operation<'online_change'>,
  context: PlanContext,
): Promise<PlannedStep[]> {
  const table = await plannedTable(database, context, operation.collection);
  const fresh = quote(operation.data.new_collection ?? `${table.live?.name ?? table.name}__v${context.version ?? '<version>'}`);
  const instant = (name: string) => ({ mode: `EXCLUSIVE on ${name}, for a second at most`, held: 'instant' }) as const;
  const none = { mode: 'none on tables in use', held: 'none' } as const;
  const keys = table.live
    ? await incomingKeys(database, table.live.schema, table.live.name, mergedTables(operation, table.live))
    : [];
  const parts = planParts(operation, table, fresh);
  const { live } = table;
  const triggers = live ? await database.use((connection) => userTriggers(connection, live.schema, live.name)) : [];
  const dropped = 'Drops the new version; the old one has every write.';
  return [
    { statement: `CREATE TABLE ${fresh} LIKE ${table.sql}`, phase: 'expand', lock: none, risk: 'none', undo: dropped },
    ...changesOf(operation).map(
      (inner): PlannedStep => ({
        statement: `ALTER TABLE ${fresh} /* ${inner.type} ${JSON.stringify(inner.data).replaceAll('*/', '* /')} */`,
        phase: 'expand',
        lock: none,
        risk: 'none',
        undo: dropped,
      }),
    ),
    ...parts.expand,
    ...triggers.map(
      ({ name, timing, event }): PlannedStep => ({
        statement: `CREATE TRIGGER ${quote(name)} ${timing} ${event} ON ${table.sql}, ${fresh} -- again, so that it passes over what comes from the other version`,
        phase: 'expand',
        lock: instant(table.name),
        risk: 'none',
        undo: 'Creates it as it was.',
      }),
    ),
    {
      statement: `CREATE TRIGGER ... AFTER INSERT, UPDATE, DELETE ON ${fresh}`,
      phase: 'expand',
      lock: none,
      risk: 'none',
      undo: 'Drops the triggers.',
    },
    {
      statement: `CREATE TRIGGER ... AFTER INSERT, UPDATE, DELETE ON ${table.sql}`,
      phase: 'expand',
      lock: instant(table.name),
      risk: 'none',
      undo: 'Drops the triggers.',
    },
    {
      statement: `INSERT INTO ${fresh} SELECT ... FROM ${table.sql} -- by key, about ${operation.batch_size} rows a chunk`,
      phase: 'migrate',
      rows: table.rows,
      lock: { mode: `the rows of one chunk of ${table.name}`, held: 'none' },
      risk: operationRegistry.online_change.risk,
      undo: dropped,
    },
    ...parts.migrate,
    ...keys.map(
      ({ child, name, definition, columns }): PlannedStep => ({
        statement: `ALTER TABLE ${quote(child)} ADD ${referring(definition, { name: `${name}_...`, table: fresh, columns })}, DROP FOREIGN KEY ${quote(name)} -- by finalize; gets its name back behind the next`,
        phase: 'contract',
        lock: instant(`${child}, ${table.name} and the new version`),
        risk: 'none',
        undo: 'None: the old version ends here.',
      }),
    ),
    ...parts.contract,
    {
      statement: `RENAME TABLE ${table.sql} TO ..., ${fresh} TO ${table.sql} -- by finalize`,
      phase: 'contract',
      lock: instant(`${table.name} and the new version`),
      risk: 'none',
      undo: 'None: the old version ends here.',
    },
  ];
}
