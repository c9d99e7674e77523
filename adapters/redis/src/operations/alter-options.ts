import { checkThat, fail, type JsonObject, type JsonValue, type Operation, type Progress } from '@polyshift/core';
import { assumedDefinition } from '../definitions/defined-handler.ts';
import type { Definition } from '../definitions/definition.ts';
import { checkOptions } from '../definitions/definition-of.ts';
import { expireRows, expiryKept, unexpireRows } from '../expiry.ts';
import { planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { HandlerOf } from './handler-of.ts';

/** The definition as it was. */
interface Undo extends JsonObject {
  before: JsonObject | null;
}

/**
 * alter_options: the encoding of new rows, and their time to live. With `ttl_seconds` the rows that have no expiry get one too; what they had is kept
 * aside, and rollback gives it back to the rows that are still there.
 */
export const alterOptions: HandlerOf<'alter_options', Undo> = (store, rows) => ({
  async plan({ collection, data }, context) {
    const steps = [
      planned(`HSET ${store.keys.shared('collections')} ${collection} ${JSON.stringify(data.options)}`, {
        risk: 'none',
        undo: 'sets each option back to what it was',
      }),
    ];
    if (!lifetime(data.options)) return steps;
    const rowsThere = context.schema.collections[collection]?.approximate_count;
    return [
      ...steps,
      planned(`PEXPIREAT ${store.keys.rows(collection)}? ?, where it has no expiry`, {
        phase: 'migrate',
        rows: rowsThere,
        risk: 'data_removed',
        undo: 'takes the expiry away from the rows that are still there; what has expired by then is gone',
      }),
    ];
  },

  async check({ collection, data }) {
    checkOptions(data.options as { [name: string]: JsonValue }, ['hash', 'json'], 'data.options');
    const there = await isThere(store, collection);
    if (there.status === 'FAILED') return [there];
    const { encoding } = store.definitions.known(collection);
    return encoding === 'stream'
      ? [there, fail('collection_kind', `${collection} is a stream, which has no such options`, 'Copy it by extract.')]
      : [there];
  },

  async prepare({ collection }) {
    return { before: ((await store.definitions.read(collection)) ?? null) as unknown as JsonObject };
  },

  async *execute(operation, undo, run): AsyncGenerator<Progress> {
    const before = (undo.before as unknown as Definition | null) ?? (await assumedDefinition(store, operation.collection));
    await run.guard();
    await store.definitions.put(operation.collection, changed(operation, before));
    await run.fault('defined');
    const seconds = lifetime(operation.data.options);
    if (seconds) yield* expireRows(store, rows.store.aside, operation.collection, seconds, run);
    else yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const { collection, data } = operation;
    const found = await store.definitions.read(collection);
    return Object.entries(data.options).map(([name, value]) => {
      const now = (found?.[name as 'encoding' | 'ttl_seconds'] ?? null) as JsonValue;
      return checkThat(now === (value as JsonValue), 'option_set', {
        pass: `${name} is ${String(value)}`,
        fail: `${name} is ${String(now)}, not ${String(value)}`,
        action: 'Somebody else changes the definition of this collection.',
      });
    });
  },

  async *rollback(operation, undo, run) {
    if (lifetime(operation.data.options)) yield* unexpireRows(store, rows.store.aside, operation.collection, run);
    await run.guard();
    await store.definitions.put(operation.collection, (undo.before as unknown as Definition | null) ?? undefined);
    yield { rows_done: 1, rows_total: 1 };
  },

  discard: (_operation, _undo, run) => rows.store.aside.drop(expiryKept(run)),
});

function lifetime(options: Operation<'alter_options'>['data']['options']): number | undefined {
  return typeof options['ttl_seconds'] === 'number' ? options['ttl_seconds'] : undefined;
}

/** An option that is null goes back to the default: hashes, and rows that live for ever. */
function changed({ data }: Operation<'alter_options'>, { encoding, ttl_seconds, ...rest }: Definition): Definition {
  const options = checkOptions(data.options as { [name: string]: JsonValue }, ['hash', 'json'], 'data.options');
  const lasting = 'ttl_seconds' in options ? (options.ttl_seconds ?? undefined) : ttl_seconds;
  return { ...rest, encoding: options.encoding ?? encoding, ...(lasting === undefined ? {} : { ttl_seconds: lasting }) };
}
