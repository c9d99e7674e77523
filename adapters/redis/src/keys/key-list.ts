import { randomUUID } from 'node:crypto';
import { type Store, send, sendEach } from '../store.ts';
import { bytesOf, nameOf } from './names.ts';
import { scanCollection } from './scan-keys.ts';

/** Seconds after which the server forgets a list that nobody reads. */
const timeToLive = 3600;

/**
 * The keys of a collection at one moment, each once, in the order of bytes. SCAN has no order and gives keys twice: up to a bound they are sorted
 * here, more of them by the server, in a sorted set aside whose time to live is renewed while it is read.
 */
export interface KeyList extends AsyncDisposable {
  readonly count: number;
  /** Keys behind `after`, up to `to`, in order. */
  page(after: string | undefined, to: string | undefined, limit: number): Promise<string[]>;
  /** The key at a place, from 0. */
  at(place: number): Promise<string>;
}

/** Collects the keys of a collection. */
export async function collectKeys(store: Store, collection: string): Promise<KeyList> {
  const found = new Map<string, Buffer>();
  const scan = scanCollection(store, collection);
  // Not `for await`: leaving that would end the scan, which the server's list goes on with.
  for (let next = await scan.next(); !next.done; next = await scan.next()) {
    for (const id of next.value) found.set(id.toString('latin1'), id);
    if (found.size > store.keysInMemory) return collectOnServer(store, collection, [...found.values()], scan);
  }
  return new KeysInMemory([...found.values()].sort(Buffer.compare).map(nameOf));
}

class KeysInMemory implements KeyList {
  private readonly names: readonly string[];
  /** The place of each key. */
  private readonly places: ReadonlyMap<string, number>;

  constructor(names: readonly string[]) {
    this.names = names;
    this.places = new Map(names.map((name, place) => [name, place]));
  }

  get count(): number {
    return this.names.length;
  }

  async page(after: string | undefined, to: string | undefined, limit: number): Promise<string[]> {
    const start = after === undefined ? 0 : this.behind(after);
    const end = to === undefined ? this.names.length : this.behind(to);
    return this.names.slice(start, Math.min(end, start + limit));
  }

  at = async (place: number): Promise<string> => this.names[place]!;

  async [Symbol.asyncDispose](): Promise<void> {}

  /** The first place behind a key, which may be gone since. */
  private behind(name: string): number {
    const known = this.places.get(name);
    if (known !== undefined) return known + 1;
    const bytes = bytesOf(name);
    let [low, high] = [0, this.names.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare(bytesOf(this.names[middle]!), bytes) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

async function collectOnServer(
  store: Store,
  collection: string,
  first: readonly Buffer[],
  rest: AsyncIterable<Buffer[]>,
): Promise<KeyList> {
  const key = store.keys.tagged('scan', randomUUID());
  const add = (ids: readonly Buffer[]) => send(store, 'zadd', key, ...ids.flatMap((id): (Buffer | number)[] => [0, id]));
  const touch = () => send(store, 'expire', key, timeToLive);
  for (let from = 0; from < first.length; from += 5000) await add(first.slice(from, from + 5000));
  await touch();
  for await (const ids of rest) await add(ids);
  await touch();
  return new KeysOnServer(store, collection, key, Number(await send(store, 'zcard', key)));
}

class KeysOnServer implements KeyList {
  readonly count: number;
  private readonly store: Store;
  private readonly collection: string;
  private key: string;

  constructor(store: Store, collection: string, key: string, count: number) {
    this.store = store;
    this.collection = collection;
    this.key = key;
    this.count = count;
  }

  async page(after: string | undefined, to: string | undefined, limit: number): Promise<string[]> {
    const from = after === undefined ? '-' : bound('(', after);
    const end = to === undefined ? '+' : bound('[', to);
    const [there, members] = await sendEach(this.store, [
      ['expire', this.key, timeToLive],
      ['zrangebylex', this.key, from, end, 'LIMIT', 0, limit],
    ]);
    if (there === 1) return (members as Buffer[]).map(nameOf);
    // Nobody has read it for so long that the server has forgotten it.
    const again = await collectKeys(this.store, this.collection);
    if (again instanceof KeysOnServer) this.key = again.key;
    return again.page(after, to, limit);
  }

  async at(place: number): Promise<string> {
    const [member] = (await send(this.store, 'zrange', this.key, place, place)) as Buffer[];
    return nameOf(member!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await send(this.store, 'unlink', this.key);
  }
}

function bound(sign: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(sign), bytesOf(name)]);
}
