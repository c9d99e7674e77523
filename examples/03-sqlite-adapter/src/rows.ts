import type {
  JsonSourceStore,
  KeyedRow,
  RawRow,
  RowBatchOf,
  RowScan,
  RowStore,
  RowWrite,
  WriteOutcome,
} from '@polyshift/adapter-kit';
import { jsonCodec, jsonRowOf, jsonRowText, recordAside, rowAfter } from '@polyshift/adapter-kit';
import type { CollectionSchema, JsonValue, StoreSchema } from '@polyshift/core';
import { quote } from './database.ts';
import type { Records } from './records.ts';

/** Collections, each a table of a key and a JSON document, and their rows. */
export class Rows implements RowStore<JsonValue>, JsonSourceStore {
  readonly codec = jsonCodec;
  readonly aside;
  private readonly records: Records;
  private readonly database;

  constructor(records: Records) {
    this.records = records;
    this.database = records.database;
    this.aside = recordAside(records);
  }

  /** The key fields of a collection; undefined where there is none. */
  key(collection: string): string[] | undefined {
    return this.records.get('collection', collection) as string[] | undefined;
  }

  async keyOf(collection: string): Promise<string[] | undefined> {
    return this.key(collection);
  }

  async create(collection: string, key: readonly string[]): Promise<void> {
    this.records.ensure();
    this.database.atomically(() => {
      this.database.query(`CREATE TABLE IF NOT EXISTS ${quote(collection)} (key TEXT PRIMARY KEY, document TEXT NOT NULL)`);
      this.records.update('collection', collection, () => [...key]);
    });
  }

  async clear(collection: string): Promise<void> {
    this.database.query(`DELETE FROM ${quote(collection)}`);
  }

  async drop(collection: string): Promise<void> {
    if (this.key(collection) === undefined) return;
    this.database.atomically(() => {
      this.database.query(`DROP TABLE ${quote(collection)}`);
      this.records.update('collection', collection, () => undefined);
    });
  }

  async introspect(names?: readonly string[]): Promise<StoreSchema> {
    const collections: Record<string, CollectionSchema> = {};
    for (const { key: name, value } of this.records.list('collection', {})) {
      if (name.startsWith('polyshift_') || names?.includes(name) === false) continue;
      const parts = { key: value as string[], fields: [], indexes: [], constraints: [] };
      collections[name] = { name, kind: 'collection', ...parts, approximate_count: await this.approximateCount(name) };
    }
    return { collections };
  }

  async approximateCount(collection: string): Promise<number> {
    return this.database.query<{ count: number }>(`SELECT count(*) AS count FROM ${quote(collection)}`)[0]!.count;
  }

  scan(collection: string, { batch_size, after = null }: RowScan): AsyncGenerator<RowBatchOf<JsonValue>> {
    return this.range(collection, after, null, batch_size);
  }

  async *range(collection: string, after: JsonValue, end: JsonValue, batch_size: number) {
    const sql = `SELECT key, document FROM ${quote(collection)} WHERE key > ? AND (key <= ? OR ? IS NULL) ORDER BY key LIMIT ?`;
    for (let last = after ?? ''; ; ) {
      const page = this.database.query<{ key: string; document: string }>(sql, last, end, end, batch_size);
      if (page.length === 0) return;
      last = page.at(-1)!.key;
      yield { rows: page.map(({ key, document }) => ({ key: JSON.parse(key) as JsonValue, row: jsonRowOf(document) })), last };
    }
  }

  async splits(collection: string, want: number): Promise<string[]> {
    const parts = `SELECT key, ntile(?) OVER (ORDER BY key) AS part FROM ${quote(collection)}`;
    const ends = this.database.query<{ last: string }>(
      `SELECT max(key) AS last FROM (${parts}) GROUP BY part ORDER BY part`,
      want,
    );
    return ends.slice(0, -1).map(({ last }) => last);
  }

  async get(collection: string, keys: readonly JsonValue[]): Promise<KeyedRow<JsonValue>[]> {
    const found = keys.map((key) => ({ key, row: this.find(collection, key) }));
    return found.filter((each): each is KeyedRow<JsonValue> => each.row !== undefined);
  }

  async write(collection: string, writes: readonly RowWrite<JsonValue>[]): Promise<WriteOutcome[]> {
    return this.database.atomically(() =>
      writes.map((write) => {
        const next = rowAfter(jsonCodec, this.find(collection, write.key), write);
        const key = JSON.stringify(write.key);
        if (next === 'differs') return next;
        if (next === undefined) this.database.query(`DELETE FROM ${quote(collection)} WHERE key = ?`, key);
        else this.database.query(`REPLACE INTO ${quote(collection)} VALUES (?, ?)`, key, jsonRowText(next));
        return 'written';
      }),
    );
  }

  private find(collection: string, key: JsonValue): RawRow<JsonValue> | undefined {
    const sql = `SELECT document FROM ${quote(collection)} WHERE key = ?`;
    const [found] = this.database.query<{ document: string }>(sql, JSON.stringify(key));
    return found && jsonRowOf(found.document);
  }
}
