import {
  type Fence,
  type HistoryRecord,
  type JournalKind,
  type JournalStore,
  journalFormat,
  PolyshiftError,
} from '@polyshift/core';
import { literalPattern } from './keys/names.ts';
import { lockKey } from './lock.ts';
import { Script } from './scripts/script.ts';
import { type Argument, type Reply, type Store, send, sendEach } from './store.ts';

/** The hash of each kind of record: key to JSON. The history has a hash for each migration, and here the list of their keys. */
const hashes: Readonly<Record<JournalKind, string>> = {
  history: 'schema_migrations',
  step: 'steps',
  run: 'runs',
  checkpoint: 'checkpoints',
};

/** Properties of the history that are no texts; a property that is null is left out. */
const numbers: readonly string[] = ['duration_ms', 'steps_done', 'steps_total', 'rank', 'format'];

const fence = `
local token = ARGV[1]
if token ~= '' and (redis.call('HGET', KEYS[3], 'held') ~= '1' or redis.call('HGET', KEYS[3], 'token') ~= token) then return 0 end
`;

/** KEYS: the hash of the kind, the hash of the record (history), the lock. ARGV: token or '', key, JSON or '', then fields of the history. */
const put = new Script(`${fence}
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
if #ARGV > 3 then
  redis.call('DEL', KEYS[2])
  for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
end
return 1
`);

const remove = new Script(`${fence}
redis.call('HDEL', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
return 1
`);

/** The journal in Redis itself: all its keys are in one slot, so that a write and its fence are one script. */
export function journalStore(store: Store): JournalStore {
  const { keys } = store;
  const hash = (kind: JournalKind): string => keys.shared(hashes[kind]);
  const record = (key: string): string => keys.shared(`${hashes.history}:${key}`);

  const fenced = async (
    script: Script,
    kind: JournalKind,
    key: string,
    at: Fence | undefined,
    more: Argument[],
  ): Promise<void> => {
    const written = await script.run(
      store,
      [hash(kind), record(kind === 'history' ? key : ''), lockKey(store, at?.lock ?? '')],
      [at?.token ?? '', key, ...more],
    );
    if (written !== 0) return;
    throw new PolyshiftError('LEASE_LOST', `the lock ${at!.lock} has gone to another run: token ${at!.token} is outdated`);
  };

  return {
    async ensure() {
      await send(store, 'hsetnx', keys.shared('meta'), 'format', journalFormat);
    },

    async format() {
      const found = await send(store, 'hget', keys.shared('meta'), 'format');
      return found === null ? undefined : Number(found);
    },

    async get(kind, key) {
      if (kind === 'history') return fromHash(await send(store, 'hgetall', record(key))) as never;
      const found = await send(store, 'hget', hash(kind), key);
      return (found === null ? undefined : JSON.parse(String(found))) as never;
    },

    async list(kind, prefix = '') {
      const found = await entries(store, hash(kind), prefix);
      const sorted = [...found].sort(([left], [right]) => (left < right ? -1 : 1));
      if (kind !== 'history') return sorted.map(([, text]) => JSON.parse(text)) as never;
      const records = await sendEach(
        store,
        sorted.map(([key]) => ['hgetall', record(key)]),
      );
      return records.map(fromHash).filter((each) => each !== undefined) as never;
    },

    async put(kind, key, value, at) {
      if (kind === 'history') await fenced(put, kind, key, at, ['', ...toHash(value as HistoryRecord)]);
      else await fenced(put, kind, key, at, [JSON.stringify(value)]);
    },

    delete: (kind, key, at) => fenced(remove, kind, key, at, []),
  };
}

/** The fields of a hash that begin with a prefix; HSCAN may give one twice. */
async function entries(store: Store, key: string, prefix: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, fields] = (await send(store, 'hscan', key, cursor, 'MATCH', `${literalPattern(prefix)}*`, 'COUNT', 1000)) as [
      Buffer,
      Buffer[],
    ];
    for (let index = 0; index < fields.length; index += 2) found.set(String(fields[index]), String(fields[index + 1]));
    cursor = String(next);
  } while (cursor !== '0');
  return found;
}

function toHash(value: HistoryRecord): string[] {
  return Object.entries(value).flatMap(([name, each]) => (each === null ? [] : [name, String(each)]));
}

function fromHash(reply: Reply): HistoryRecord | undefined {
  const fields = reply as Buffer[];
  if (fields.length === 0) return undefined;
  const found: Record<string, unknown> = { applied_at: null, duration_ms: null, error: null };
  for (let index = 0; index < fields.length; index += 2) {
    const [name, text] = [String(fields[index]), String(fields[index + 1])];
    found[name] = name === 'is_running' ? text === 'true' : numbers.includes(name) ? Number(text) : text;
  }
  return found as unknown as HistoryRecord;
}
