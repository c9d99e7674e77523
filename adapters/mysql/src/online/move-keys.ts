import { createHash } from 'node:crypto';
import type { RunContext } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { readDefinition } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import type { Connection, Queryable } from '../connection.ts';
import { readMark, writeMark } from '../handler/marks.ts';
import { cutIdentifier, quote, quoteQualified } from '../identifiers.ts';
import { type IncomingKey, incomingKeys, newColumns } from './incoming-keys.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineWork } from './new-table.ts';
import { findOrphans } from './orphans.ts';
import { partAside, partsIn } from './parts.ts';
import { referring } from './reference.ts';
import { withoutKeyChecks } from './short-alter.ts';
import { shortDdl } from './short-ddl.ts';

/** The mark that holds the keys which are being moved, as they were. */
const mark = 'online_keys';

/**
 * Makes the foreign keys of other tables point to the new version, each by one statement, which puts a key with another name into the place of the one
 * that is there: at no moment has a table none. The server is told to look at no row, so that it takes an instant: both versions have the same
 * rows, whichever of them a key points to; that each row of the other table finds its own is seen afterwards. Goes on with what a kill has left.
 *
 * @param from the name of the table that keys still point to
 * @param to the new version, as SQL
 */
export async function moveKeys(work: OnlineWork, mapping: Mapping, from: string, to: string, run: RunContext): Promise<void> {
  const { database, undo } = work;
  // The keys of merged tables go with them.
  const ended = partsIn(mapping).flatMap((part) => [part.table, partAside(run.aside, part)]);
  // The application can have added one while others were moved.
  for (;;) {
    const present = await incomingKeys(database, undo.schema, from, ended);
    if (present.length === 0) break;
    await keep(work, present, run);
    for (const key of present) {
      const columns = newColumns(key, mapping);
      if (columns === undefined)
        throw new PolyshiftError('CHECK_FAILED', `${key.name} of ${key.child} points to columns that the new version lacks.`, {
          hint: 'Drop this foreign key, then run again.',
        });
      const name = passingName(key, work);
      await alterKeys(work, key, run, async (connection) => {
        const there = await keyNames(connection, key);
        if (!there.includes(key.name) || there.includes(name)) return undefined;
        const added = referring(key.definition, { name, table: to, columns });
        return `${await keptIndexes(connection, key)}ADD ${added}, DROP FOREIGN KEY ${quote(key.name)}`;
      });
      await run.fault('key_moved');
    }
  }
  for (const key of await keptKeys(work, run)) await refuseOrphans(work, key, newColumns(key, mapping)!, to);
}

/** Gives the keys that were moved their names back, now that the new version has its name; nothing else of them has changed. */
export async function nameKeys(work: OnlineWork, mapping: Mapping, run: RunContext): Promise<void> {
  for (const key of await keptKeys(work, run)) {
    const name = passingName(key, work);
    const columns = newColumns(key, mapping)!;
    await alterKeys(work, key, run, async (connection) => {
      const there = await keyNames(connection, key);
      if (!there.includes(name)) return undefined;
      const table = key.schema === work.undo.schema ? quote(work.undo.name) : work.names.old;
      const added = there.includes(key.name) ? '' : `, ADD ${referring(key.definition, { name: key.name, table, columns })}`;
      return `DROP FOREIGN KEY ${quote(name)}${added}`;
    });
    await run.fault('key_named');
  }
}

async function alterKeys(
  { database, undo }: OnlineWork,
  key: IncomingKey,
  run: RunContext,
  changes: (connection: Connection) => Promise<string | undefined>,
): Promise<void> {
  const tables = [undo.name, undo.new_name, key.child];
  await shortDdl(database, run, { schema: undo.schema, tables }, async (connection) => {
    const change = await changes(connection);
    if (change === undefined) return;
    await withoutKeyChecks(connection, `ALTER TABLE ${quoteQualified(key.schema, key.child)} ${change}`);
  });
}

async function keyNames(connection: Queryable, key: IncomingKey): Promise<string[]> {
  const child = await tableIn(connection, key.schema, key.child);
  if (!child) return [];
  const { constraints } = await readDefinition(connection, child);
  return constraints.filter(({ kind }) => kind === 'foreign_key').map(({ name }) => name);
}

/** An index that the server has made for a key would be replaced with it: one that is renamed, be it to its own name, stays. */
async function keptIndexes(connection: Queryable, key: IncomingKey): Promise<string> {
  const { indexes } = await readDefinition(connection, (await tableIn(connection, key.schema, key.child))!);
  return indexes
    .filter(({ kind, parts }) => kind === 'plain' && key.fields.every((field, index) => parts[index]?.field === field))
    .map(({ name }) => `RENAME INDEX ${quote(name)} TO ${quote(name)}, `)
    .join('');
}

/** Keeps the keys as they are before any is touched. */
async function keep(work: OnlineWork, present: readonly IncomingKey[], run: RunContext): Promise<void> {
  const known = await keptKeys(work, run);
  const same = (left: IncomingKey, right: IncomingKey): boolean =>
    left.schema === right.schema && left.child === right.child && left.name === right.name;
  const keys = [...known.filter((key) => !present.some((each) => same(key, each))), ...present];
  await run.guard();
  await work.database.use((connection) => writeMark(connection, run.aside, mark, { keys }));
  await run.fault('keys_kept');
}

async function keptKeys({ database }: OnlineWork, run: RunContext): Promise<IncomingKey[]> {
  return ((await readMark(database, run.aside, mark))?.['keys'] ?? []) as IncomingKey[];
}

/** A name for a key while the new version has not got its own: names of keys belong to the whole database. */
function passingName({ schema, child, name }: IncomingKey, { names }: OnlineWork): string {
  const hash = createHash('sha256').update([schema, child, name, names.new].join('\0')).digest('hex').slice(0, 8);
  return `${cutIdentifier(name, 55)}_${hash}`;
}

async function refuseOrphans(
  { database, undo }: OnlineWork,
  key: IncomingKey,
  columns: readonly string[],
  to: string,
): Promise<void> {
  if (!(await tableIn(database, key.schema, key.child))) return;
  const table = quoteQualified(key.schema, key.child);
  const orphans = await findOrphans(database, { table, fields: key.fields }, { table: to, columns });
  if (orphans.length === 0) return;
  throw new PolyshiftError(
    'CHECK_FAILED',
    `${key.child} has rows whose row of ${undo.new_name} is missing: ${orphans.join('; ')}`,
    {
      hint: 'Write these rows of the old version again, or delete those that refer to them; then run again.',
    },
  );
}
