import type { AsideEntry, AsideStore, KeyedRow, RowCodec, RowStore, RowWrite, WriteOutcome } from '@polyshift/adapter-kit';
import { castValue, dynamicType, type JsonValue, type PortableDocument, Tagged } from '@polyshift/core';

/** What a test's process throws when it is killed. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** Raw values of the store in memory: texts of JSON, so that equal is equal to the bit. */
export type Raw = string;

const codec: RowCodec<Raw> = {
  decode: (_collection, row) =>
    new Map([...row].map(([field, raw]) => [field, JSON.parse(raw) as JsonValue])) as PortableDocument,
  edit(_collection, row, edits) {
    let edited = new Map(row);
    for (const edit of edits) {
      if (edit.kind === 'set') edited.set(edit.field, rawOf(edit.value));
      else if (edit.kind === 'unset') edited.delete(edit.field);
      else edited = new Map([...edited].map(([field, raw]) => [field === edit.from ? edit.to : field, raw]));
    }
    return edited;
  },
  equal: (left, right) => left === right,
  toJson: (raw) => raw,
  fromJson: (json) => json as Raw,
};

function rawOf(value: unknown): Raw {
  const plain = value instanceof Tagged ? castValue(value.type, value.value, { kind: 'text' }) : value;
  return JSON.stringify(
    typeof plain === 'bigint'
      ? Number(plain)
      : dynamicType(plain as never)?.kind === 'document'
        ? [...(plain as PortableDocument)]
        : plain,
  );
}

/**
 * The contract of `RowStore` over maps: what the kit's algorithms are held against where a real server could not be stopped at each single
 * step. Every call is one step; `beforeStep` may throw to kill the process, or write as an application would.
 */
export class RowsInMemory implements RowStore<Raw> {
  readonly codec = codec;
  readonly collections = new Map<string, Map<string, KeyedRow<Raw>>>();
  readonly places = new Map<string, Map<string, JsonValue>>();
  beforeStep: (step: string) => void = () => undefined;

  readonly aside: AsideStore = {
    ensure: async (name) => {
      this.beforeStep('aside.ensure');
      if (!this.places.has(name)) this.places.set(name, new Map());
    },
    put: async (name, entries, mode) => {
      const place = this.places.get(name);
      if (!place) throw new Error(`no place ${name}`);
      // Half of the entries may be durable when the process dies.
      for (const [index, { key, value }] of entries.entries()) {
        if (index === 0 || index === entries.length >> 1) this.beforeStep('aside.put');
        if (mode === 'replace' || !place.has(key)) place.set(key, JSON.parse(JSON.stringify(value)) as JsonValue);
      }
    },
    get: async (name, keys) => {
      this.beforeStep('aside.get');
      const place = this.places.get(name);
      return new Map(keys.flatMap((key) => (place?.has(key) ? [[key, place.get(key)!] as const] : [])));
    },
    list: async (name, after, limit): Promise<AsideEntry[]> => {
      this.beforeStep('aside.list');
      return [...(this.places.get(name) ?? [])]
        .map(([key, value]) => ({ key, value }))
        .filter(({ key }) => after === undefined || key > after)
        .sort((left, right) => (left.key < right.key ? -1 : 1))
        .slice(0, limit);
    },
    delete: async (name, keys) => {
      this.beforeStep('aside.delete');
      for (const key of keys) this.places.get(name)?.delete(key);
    },
    drop: async (name) => {
      this.beforeStep('aside.drop');
      this.places.delete(name);
    },
  };

  /** The rows of a collection, made where it is missing. */
  rows(collection: string): Map<string, KeyedRow<Raw>> {
    let rows = this.collections.get(collection);
    if (!rows) {
      rows = new Map();
      this.collections.set(collection, rows);
    }
    return rows;
  }

  /** Puts a row as an application would. */
  put(collection: string, key: string, fields: Readonly<Record<string, JsonValue>>): void {
    this.rows(collection).set(key, {
      key,
      row: new Map(Object.entries(fields).map(([field, value]) => [field, JSON.stringify(value)])),
    });
  }

  /** The content of a collection, for comparison. */
  content(collection: string): Record<string, Record<string, string>> {
    return Object.fromEntries(
      [...this.rows(collection)]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([key, { row }]) => [key, Object.fromEntries([...row].sort(([left], [right]) => (left < right ? -1 : 1)))]),
    );
  }

  async *scan(collection: string, { batch_size, after }: { batch_size: number; after?: JsonValue | undefined }) {
    let last = after as string | undefined;
    for (;;) {
      this.beforeStep('scan');
      const rows = [...this.rows(collection).values()]
        .filter(({ key }) => last === undefined || (key as string) > last)
        .sort((left, right) => ((left.key as string) < (right.key as string) ? -1 : 1))
        .slice(0, batch_size);
      if (rows.length === 0) return;
      last = rows.at(-1)!.key as string;
      yield { rows, last };
    }
  }

  async get(collection: string, keys: readonly JsonValue[]): Promise<KeyedRow<Raw>[]> {
    this.beforeStep('get');
    return keys.flatMap((key) => this.rows(collection).get(key as string) ?? []);
  }

  async write(collection: string, writes: readonly RowWrite<Raw>[]): Promise<WriteOutcome[]> {
    return writes.map((write) => {
      this.beforeStep('write');
      return this.writeOne(this.rows(collection), write);
    });
  }

  async approximateCount(collection: string): Promise<number | undefined> {
    return this.rows(collection).size;
  }

  private writeOne(rows: Map<string, KeyedRow<Raw>>, write: RowWrite<Raw>): WriteOutcome {
    const found = rows.get(write.key as string);
    if (write.kind === 'insert') {
      if (found) return 'differs';
      rows.set(write.key as string, { key: write.key, row: new Map(write.row) });
      return 'written';
    }
    if (!found) return 'differs';
    if (write.kind === 'remove') {
      if (found.row.size !== write.row.size || [...write.row].some(([field, raw]) => found.row.get(field) !== raw))
        return 'differs';
      rows.delete(write.key as string);
      return 'written';
    }
    if (write.fields.some(({ field, before }) => found.row.get(field) !== before)) return 'differs';
    const row = new Map(found.row);
    for (const { field, after } of write.fields) after === undefined ? row.delete(field) : row.set(field, after);
    rows.set(write.key as string, { key: write.key, row });
    return 'written';
  }
}
