import { createHash } from 'node:crypto';
import type { AsideEntry, AsideStore } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import { tableName } from './catalog/table-text.ts';
import { changeSchema, type DriverRow, inParallel, read, readPage, write } from './cql/execute.ts';
import { tableMissing } from './errors.ts';
import { asideTable, type Store } from './store.ts';

/** Partitions that the entries of one name are spread over. */
const buckets = Array.from({ length: 8 }, (_, index) => index);

/** Characters of a value in one row, at most: a cell should stay well below 1 MB, and a character may take three bytes. */
const chunkLength = 200_000;

/**
 * What is kept aside, of all steps in one table. A value that is too large for a row is split: the row of its entry then names the edition
 * and the number of its chunks, and is written after them, so that an entry is whole or not there.
 */
export function asideStore(store: Store): AsideStore {
  const table = tableName(store.keyspace, asideTable);
  let ensured: Promise<void> | undefined;

  const putEntry = async (name: string, { key, value }: AsideEntry): Promise<void> => {
    const text = JSON.stringify(value);
    const insert = `INSERT INTO ${table} (name, bucket, key, edition, part, value, of_edition, parts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
    const bucket = bucketOf(key);
    if (text.length <= chunkLength) return write(store, insert, [name, bucket, key, '', 0, text, undefined, undefined]);
    const edition = createHash('sha256').update(text).digest('hex');
    const parts = Math.ceil(text.length / chunkLength);
    for (let part = 0; part < parts; part++) {
      const chunk = text.slice(part * chunkLength, (part + 1) * chunkLength);
      await write(store, insert, [name, bucket, key, edition, part, chunk, undefined, undefined]);
    }
    await write(store, insert, [name, bucket, key, '', 0, null, edition, parts]);
  };

  const rowsOf = (name: string, key: string): Promise<DriverRow[]> =>
    read(store, `SELECT key, edition, part, value, of_edition, parts FROM ${table} WHERE name = ? AND bucket = ? AND key = ?`, [
      name,
      bucketOf(key),
      key,
    ]);

  const getOne = async (name: string, key: string): Promise<AsideEntry | undefined> => entriesOf(await rowsOf(name, key))[0];

  return {
    ensure: () =>
      (ensured ??= ensureTable(store).catch((error: unknown) => {
        ensured = undefined;
        throw error;
      })),

    async put(name, entries, mode) {
      await inParallel(entries, async (entry) => {
        // Only the holder of the lock writes here, so that nobody comes between the two.
        if (mode === 'keep' && (await getOne(name, entry.key)) !== undefined) return;
        await putEntry(name, entry);
      });
    },

    get: (name, keys) =>
      orNone(new Map<string, JsonValue>(), async () => {
        const found = await inParallel(keys, (key) => getOne(name, key));
        return new Map(found.flatMap((entry) => (entry ? [[entry.key, entry.value] as const] : [])));
      }),

    list: (name, after, limit) =>
      orNone([], async () => {
        const entries: AsideEntry[] = [];
        for (const bucket of buckets.slice(after === undefined ? 0 : bucketOf(after))) {
          const behind = after !== undefined && bucket === bucketOf(after) ? after : undefined;
          await listBucket(store, table, { name, bucket, behind }, limit, entries);
          if (entries.length >= limit) break;
        }
        return entries.slice(0, limit);
      }),

    delete: (name, keys) =>
      orNone(undefined, async () => {
        await inParallel(keys, (key) =>
          write(store, `DELETE FROM ${table} WHERE name = ? AND bucket = ? AND key = ?`, [name, bucketOf(key), key]),
        );
      }),

    drop: (name) =>
      orNone(undefined, async () => {
        await write(store, `DELETE FROM ${table} WHERE name = ? AND bucket IN ?`, [name, buckets]);
      }),
  };
}

/** Creates the table where it is missing: looked up first, for a change of the schema takes its time even where it changes nothing. */
async function ensureTable(store: Store): Promise<void> {
  const there = await read(store, 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?', [
    store.keyspace,
    asideTable,
  ]);
  if (there.length > 0) return;
  await changeSchema(
    store,
    `CREATE TABLE IF NOT EXISTS ${tableName(store.keyspace, asideTable)} (
      name text, bucket int, key text, edition text, part int, value text, of_edition text, parts int,
      PRIMARY KEY ((name, bucket), key, edition, part)
    ) WITH comment = 'What polyshift needs to take migrations back'`,
  );
}

/** Adds the entries of a bucket in the order of their keys until there are as many as wanted. */
async function listBucket(
  store: Store,
  table: string,
  from: { name: string; bucket: number; behind: string | undefined },
  limit: number,
  entries: AsideEntry[],
): Promise<void> {
  const behind = from.behind === undefined ? '' : ' AND key > ?';
  const select = `SELECT key, edition, part, value, of_edition, parts FROM ${table} WHERE name = ? AND bucket = ?${behind}`;
  const values = [from.name, from.bucket, ...(from.behind === undefined ? [] : [from.behind])];
  let open: DriverRow[] = [];
  let state: string | undefined;
  do {
    const page = await readPage(store, select, values, { size: Math.min(limit - entries.length + 1, 1000), state });
    state = page.state;
    open.push(...page.rows);
    // The rows of the last key may go on in the next page.
    const last: unknown = open.at(-1)?.['key'];
    const whole = state === undefined ? open : open.filter((row) => row['key'] !== last);
    entries.push(...entriesOf(whole));
    open = state === undefined ? [] : open.filter((row) => row['key'] === last);
  } while (state !== undefined && entries.length < limit);
}

/** The whole entries in rows that stand in the order of the table. */
function entriesOf(rows: readonly DriverRow[]): AsideEntry[] {
  const entries: AsideEntry[] = [];
  for (const [index, row] of rows.entries()) {
    if (row['edition'] !== '') continue;
    const key = String(row['key']);
    // A value that takes the place of a split one leaves the name of its edition behind.
    if (row['value'] !== null) {
      entries.push({ key, value: JSON.parse(String(row['value'])) as JsonValue });
      continue;
    }
    const chunks: string[] = [];
    for (let at = index + 1; at < rows.length && rows[at]!['key'] === key; at++)
      if (rows[at]!['edition'] === row['of_edition']) chunks.push(String(rows[at]!['value']));
    entries.push({ key, value: JSON.parse(chunks.join('')) as JsonValue });
  }
  return entries;
}

function bucketOf(key: string): number {
  return createHash('md5').update(key).digest().readUInt32BE() % buckets.length;
}

/** What there is where the table is missing. */
async function orNone<Result>(none: Result, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (tableMissing(error)) return none;
    throw error;
  }
}
