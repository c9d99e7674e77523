import { keyText } from '../change/key-text.ts';
import type { RawRow, RowKey } from '../row-store.ts';
import type { KnownRows, Sync } from './sync.ts';

/** Some keys, with the rows of the side that was scanned. */
export interface KeyBatch<Raw> {
  readonly keys: readonly RowKey[];
  readonly known: KnownRows<Raw>;
}

/** Every key that either version or the ledger knows: those of the old version, then what the new one alone has, then what is gone from both. */
export async function* everyKey<Raw>(
  { store, versions, ledger }: Pick<Sync<Raw>, 'store' | 'versions' | 'ledger'>,
  batch_size: number,
): AsyncGenerator<KeyBatch<Raw>> {
  const rows = store.operations.store;
  await store.refresh?.(versions.old);
  for await (const batch of rows.scan(versions.old, { batch_size })) {
    if (batch.rows.length === 0) continue;
    const old = new Map<string, RawRow<Raw>>(batch.rows.map(({ key, row }) => [keyText(key), row]));
    yield { keys: batch.rows.map(({ key }) => key), known: { old } };
  }
  await store.refresh?.(versions.new);
  for await (const batch of rows.scan(versions.new, { batch_size })) {
    const keys = await without(
      versions.old,
      batch.rows.map(({ key }) => key),
    );
    if (keys.length > 0) yield { keys, known: {} };
  }
  for await (const page of ledger.keys()) {
    const keys = await without(versions.new, await without(versions.old, page));
    if (keys.length > 0) yield { keys, known: {} };
  }

  /** The keys that a collection has no rows for. */
  async function without(collection: string, keys: readonly RowKey[]): Promise<RowKey[]> {
    if (keys.length === 0) return [];
    const there = new Set((await rows.get(collection, keys)).map(({ key }) => keyText(key)));
    return keys.filter((key) => !there.has(keyText(key)));
  }
}
