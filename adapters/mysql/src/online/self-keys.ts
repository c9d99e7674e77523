import type { RunContext } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { readTable, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { readMark, writeMark } from '../handler/marks.ts';
import { quote } from '../identifiers.ts';
import type { OnlineWork } from './new-table.ts';
import { findOrphans } from './orphans.ts';
import { referenceOf } from './reference.ts';
import { withoutKeyChecks } from './short-alter.ts';
import { shortDdl } from './short-ddl.ts';

/** A foreign key of the new version that points to the new version itself. Plain JSON, kept in the journal. */
type SelfKey = { name: string; definition: string; fields: string[]; columns: string[] };

const mark = 'online_self_keys';

/** Whether a foreign key of a table points to the table itself. */
export function isSelfKey({ schema, name }: Pick<Table, 'schema' | 'name'>, definition: string): boolean {
  const reference = referenceOf(definition);
  return reference.table === name && (reference.schema ?? schema) === schema;
}

/**
 * Takes from the new version, which is still empty, the foreign keys that point to itself: rows are copied in the order of their key, and the row that one
 * refers to may come later. They are kept, and added when every row is there.
 */
export async function putSelfKeysOff(work: OnlineWork, connection: Connection, run: RunContext): Promise<void> {
  const table = await readTable(connection, work.undo.new_collection);
  const keys = table.constraints
    .filter(({ kind, definition }) => kind === 'foreign_key' && isSelfKey(table, definition))
    .map(({ name, definition, fields }): SelfKey => {
      const columns = [...referenceOf(definition).columns];
      return { name, definition, fields: [...fields], columns };
    });
  if (keys.length === 0) return;
  await writeMark(connection, run.aside, mark, { keys });
  await run.fault('self_keys_kept');
  const drops = keys.map(({ name }) => `DROP FOREIGN KEY ${quote(name)}`);
  await connection.execute(`ALTER TABLE ${table.sql} ${drops.join(', ')}`);
}

/** Adds them, in an instant: the rows are those of the old version, which has had the keys all the time. Idempotent. */
export async function addSelfKeys(work: OnlineWork, run: RunContext): Promise<void> {
  const { database, names, undo } = work;
  for (const { name, definition } of await missingSelfKeys(work, run)) {
    await shortDdl(database, run, { schema: undo.schema, tables: [undo.name, undo.new_name] }, async (connection) => {
      const table = await readTable(connection, undo.new_collection);
      if (table.constraints.some((each) => each.name === name)) return;
      await withoutKeyChecks(connection, `ALTER TABLE ${names.new} ADD ${definition}`);
    });
    await run.fault('self_key_added');
  }
}

/** Those of them that the new version lacks. */
export async function missingSelfKeys({ database, undo }: OnlineWork, run: Pick<RunContext, 'aside'>): Promise<SelfKey[]> {
  const keys = await keptSelfKeys(database, run);
  if (keys.length === 0) return [];
  const { constraints } = await readTable(database, undo.new_collection);
  return keys.filter(({ name }) => !constraints.some((each) => each.name === name));
}

/** Throws CHECK_FAILED where a row of the new version refers to one that is not there. */
export async function proveSelfKeys({ database, names, undo }: OnlineWork, run: RunContext): Promise<void> {
  for (const { name, fields, columns } of await keptSelfKeys(database, run)) {
    const orphans = await findOrphans(database, { table: names.new, fields }, { table: names.new, columns });
    if (orphans.length === 0) continue;
    throw new PolyshiftError(
      'CHECK_FAILED',
      `${undo.new_name} has rows that break the foreign key ${name}: ${orphans.join('; ')}`,
      {
        hint: 'Correct these rows, then run again.',
      },
    );
  }
}

async function keptSelfKeys(database: OnlineWork['database'], run: Pick<RunContext, 'aside'>): Promise<SelfKey[]> {
  return ((await readMark(database, run.aside, mark))?.['keys'] ?? []) as SelfKey[];
}
