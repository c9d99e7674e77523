import { keyText } from '../change/key-text.ts';
import type { RawRow, RowKey } from '../row-store.ts';
import type { KnownRows, Sync } from './sync.ts';

/** Some keys, with the rows of the side that was scanned. */
export interface KeyBatch<Raw> {
  readonly keys: readonly RowKey[];
  readonly known: KnownRows<Raw>;
}

/** Keys that are remembered of one pass, at most; beyond them the store is asked again. */
const mostRemembered = 200_000;

/** Every key that either version or the ledger knows: those of the old version, then what the new one alone has, then what is gone from both. */
export async function* everyKey<Raw>(
  { store, versions, ledger }: Pick<Sync<Raw>, 'store' | 'versions' | 'ledger'>,
  batch_size: number,
): AsyncGenerator<KeyBatch<Raw>> {
  const rows = store.operations.store;
  const seen = new Set<string>();
  const remember = (keys: readonly RowKey[]): void => {
    for (const key of keys) if (seen.size < mostRemembered) seen.add(keyText(key));
  };
  for await (const batch of rows.scan(versions.old, { batch_size })) {
    if (batch.rows.length === 0) continue;
    const keys = batch.rows.map(({ key }) => key);
    remember(keys);
    yield { keys, known: { old: new Map<string, RawRow<Raw>>(batch.rows.map(({ key, row }) => [keyText(key), row])) } };
  }
  for await (const batch of rows.scan(versions.new, { batch_size })) {
    const all = batch.rows.map(({ key }) => key);
    const keys = await unseen(versions.old, all);
    remember(all);
    if (keys.length > 0) yield { keys, known: {} };
  }
  for await (const page of ledger.keys()) {
    const keys = await unseen(versions.new, await unseen(versions.old, page));
    if (keys.length > 0) yield { keys, known: {} };
  }

  /** The keys that were not seen in this pass; where not all are remembered, that a collection has no rows for. */
  async function unseen(collection: string, keys: readonly RowKey[]): Promise<readonly RowKey[]> {
    const left = keys.filter((key) => !seen.has(keyText(key)));
    if (left.length === 0 || seen.size < mostRemembered) return left;
    const there = new Set((await rows.get(collection, left)).map(({ key }) => keyText(key)));
    return left.filter((key) => !there.has(keyText(key)));
  }
}
