import { documentsOf, keyList, type RowOperations } from '@polyshift/adapter-kit';
import {
  type Check,
  checkThat,
  fail,
  isNumeric,
  isTime,
  type JsonObject,
  type Operation,
  pass,
  stableJson,
} from '@polyshift/core';
import { assumedDefinition } from '../definitions/defined-handler.ts';
import { type Definition, fieldType } from '../definitions/definition.ts';
import { buildIndex, clearIndex, withIndex } from '../indexes/build.ts';
import { entriesOf, indexKey } from '../indexes/entries.ts';
import type { IndexDefinition } from '../indexes/index-definition.ts';
import { verifyIndex } from '../indexes/verify.ts';
import { planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/** What rollback needs: the definition as it was, and whether it had the same index. */
interface Undo extends JsonObject {
  before: JsonObject | null;
  existed: boolean;
}

/** create_index: a sorted set, sets, or a hash that polyshift fills and keeps; the application keeps it with its own writes. */
export const createIndex: HandlerOf<'create_index', Undo> = (store, rows) => ({
  async plan(operation, context) {
    const definition = await assumedDefinition(store, operation.collection);
    const index = indexOf(operation, definition);
    const key = indexKey(store.keys, operation.collection, index, index.form === 'set' ? '?' : undefined);
    return [
      planned(`${commands[index.form](key)}, for every row of ${store.keys.rows(operation.collection)}?`, {
        phase: 'migrate',
        rows: context.schema.collections[operation.collection]?.approximate_count,
        risk: 'none',
        undo: `deletes ${key}, unless an identical index was there before`,
      }),
    ];
  },

  async check(operation) {
    const there = await isThere(store, operation.collection);
    if (there.status === 'FAILED') return [there];
    const definition = await assumedDefinition(store, operation.collection);
    const checks = [there, ...refused(store, operation, definition)];
    if (checks.some(({ status }) => status === 'FAILED')) return checks;
    const index = indexOf(operation, definition);
    const named = definition.indexes.find(({ name }) => name === index.name);
    checks.push(
      checkThat(!named || stableJson(named) === stableJson(index), 'name_free', {
        pass: named ? `the index ${index.name} is there already` : `${index.name} is free`,
        fail: `the index ${index.name} is there with another definition: ${stableJson(named ?? null)}`,
        action: 'Choose another name, or drop it first by drop_index.',
      }),
    );
    if (index.form === 'unique' && !named) checks.push(await duplicates(store, rows, operation.collection, index));
    return checks;
  },

  async prepare(operation) {
    const before = await store.definitions.read(operation.collection);
    const existed = before?.indexes.some(({ name }) => name === operation.data.name) ?? false;
    return { before: (before ?? null) as unknown as JsonObject, existed };
  },

  async *execute(operation, undo, run) {
    const before = (undo.before as unknown as Definition | null) ?? (await assumedDefinition(store, operation.collection));
    const index = indexOf(operation, before);
    await run.guard();
    await store.definitions.change(operation.collection, (now) =>
      now?.indexes.some(({ name }) => name === index.name) ? now : withIndex(now ?? before, index),
    );
    await run.fault('defined');
    yield* buildIndex(store, operation.collection, index, run);
  },

  async verify(operation) {
    const found = (await store.definitions.read(operation.collection))?.indexes.find(({ name }) => name === operation.data.name);
    if (!found)
      return [
        fail(
          'index_present',
          `there is no index ${operation.data.name}`,
          'Somebody else changes the definition of this collection.',
        ),
      ];
    return [
      pass('index_present', `the index ${found.name} is there`),
      ...(await verifyIndex(store, operation.collection, found)),
    ];
  },

  async *rollback(operation, undo, run) {
    if (!undo.existed) {
      const before = undo.before as unknown as Definition | null;
      const index = indexOf(operation, before ?? (await assumedDefinition(store, operation.collection)));
      await run.guard();
      await store.definitions.put(operation.collection, before ?? undefined);
      await run.fault('undefined');
      await clearIndex(store, operation.collection, index);
    }
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

const commands: Readonly<Record<IndexDefinition['form'], (key: string) => string>> = {
  score: (key) => `ZADD ${key} ? ?`,
  lex: (key) => `ZADD ${key} 0 ?`,
  set: (key) => `SADD ${key} ?`,
  unique: (key) => `HSET ${key} ? ?`,
};

/** The index that an operation asks for: a sorted set by score over one number or time, by text over anything else; sets for `hashed`; a hash where it is unique. */
function indexOf({ data }: Operation<'create_index'>, definition: Definition): IndexDefinition {
  const fields = Object.keys(data.keys);
  const type = fields.length === 1 ? fieldType(definition, fields[0]!) : undefined;
  const scored = type !== undefined && (isNumeric(type.kind) || isTime(type.kind));
  const hashed = Object.values(data.keys).includes('hashed');
  return {
    name: data.name,
    form: data.unique ? 'unique' : hashed ? 'set' : scored ? 'score' : 'lex',
    keys: data.keys,
    sparse: data.sparse,
    ...(data.where ? { where: data.where } : {}),
  };
}

function refused(store: Store, { collection, data }: Operation<'create_index'>, definition: Definition): Check[] {
  const checks: Check[] = [];
  const kind = Object.values(data.keys).find((each) => typeof each === 'string' && each !== 'hashed');
  if (kind !== undefined)
    checks.push(fail('option', `sets and sorted sets make no ${String(kind)} index`, 'Use 1, -1 or hashed.'));
  for (const option of ['method', 'include', 'expire_after_seconds', 'options'] as const) {
    if (data[option] !== undefined) checks.push(fail('option', `Redis has no ${option} for indexes`, `Leave ${option} out.`));
  }
  if (data.hidden) checks.push(fail('option', 'an index of sets cannot be hidden', 'Leave hidden out.'));
  if (data.name.includes(':'))
    checks.push(fail('option', 'the name of an index has no colon here: it is part of a key', 'Choose another name.'));
  if (definition.encoding === 'stream')
    checks.push(fail('collection_kind', `${collection} is a stream, which has no indexes`, 'Load into hashes instead.'));
  if (store.cluster && !store.keys.rowsShareSlot(collection))
    checks.push(
      fail(
        'one_slot',
        `in a cluster an index and its rows must be in one slot, and ${collection} has no hash tag`,
        'Name the collection with a part in braces, like {users}, or use such a key_prefix.',
      ),
    );
  return checks;
}

/** The check that no two rows have equal values; keeps the values that it has seen in memory. */
async function duplicates(store: Store, rows: RowOperations<Buffer>, collection: string, index: IndexDefinition): Promise<Check> {
  const definition = await assumedDefinition(store, collection);
  const seen = new Map<string, string>();
  const doubled: string[] = [];
  for await (const { keyed } of documentsOf(rows, collection)) {
    for (const { member } of entriesOf(store.keys, collection, definition, [index], keyed.row)) {
      const value = member.toString('latin1');
      const first = seen.get(value);
      if (first === undefined) seen.set(value, String(keyed.key));
      else if (doubled.length < 6) doubled.push(`${first} and ${String(keyed.key)}`);
    }
  }
  return checkThat(doubled.length === 0, 'duplicates', {
    pass: `no two rows of ${collection} have the same ${Object.keys(index.keys).join(', ')}`,
    fail: `rows of ${collection} have the same ${Object.keys(index.keys).join(', ')}: ${keyList(doubled)}`,
    action: 'Correct them first by migrate_data.',
  });
}
