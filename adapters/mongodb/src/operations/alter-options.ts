import { type Check, checkThat, fail, type JsonObject, type JsonValue, type Operation, ownValue } from '@polyshift/core';
import { BSON, type Document } from 'mongodb';
import { canonicalJson } from '../index-definition.ts';
import { introspectOne, optionValue } from '../introspect.ts';
import { catalogLock, planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import { durable, type Store } from '../store.ts';
import { jsonToCommand } from '../values/json-value.ts';
import type { HandlerOf } from './handler-of.ts';

/** An option of collMod: its name in listings, and what sets it back where there was none. */
interface Option {
  readonly listed: string;
  readonly unset?: JsonValue;
}

/** The options of collMod, by its own names. */
const options: Readonly<Record<string, Option>> = {
  changeStreamPreAndPostImages: { listed: 'changeStreamPreAndPostImages', unset: { enabled: false } },
  expireAfterSeconds: { listed: 'expireAfterSeconds', unset: 'off' },
  cappedSize: { listed: 'size' },
  cappedMax: { listed: 'max' },
  pipeline: { listed: 'pipeline' },
  viewOn: { listed: 'viewOn' },
};

/** alter_options: what collMod can set and set back. */
export const alterOptions: HandlerOf<'alter_options', { before: JsonObject }> = (store) => ({
  async plan(operation) {
    return [
      planned(
        { collMod: operation.collection, ...operation.data.options },
        { lock: catalogLock(operation.collection), risk: 'none', undo: 'sets each option back to what it was' },
      ),
    ];
  },

  async check(operation) {
    const checks: Check[] = [await isThere(store, operation.collection)];
    if (checks[0]!.status === 'FAILED') return checks;
    const before = await currentOptions(store, operation.collection);
    for (const [name, value] of Object.entries(operation.data.options)) {
      const option = ownValue(options, name);
      if (!option) {
        const validation = name.startsWith('valid');
        checks.push(
          fail(
            'option',
            `${name} is no option that can be changed and changed back`,
            validation ? 'Use schema_validation.' : `Options are ${Object.keys(options).join(', ')}.`,
          ),
        );
      } else if (before[option.listed] === undefined && option.unset === undefined) {
        checks.push(
          fail(
            'option',
            `${operation.collection} has no ${option.listed} that could be changed`,
            'It is given when the collection is created.',
          ),
        );
      } else if (value === null && option.unset === undefined) {
        checks.push(fail('option', `${name} cannot be set back to a default`, 'Name a value.'));
      }
    }
    return checks;
  },

  async prepare(operation) {
    const before = await currentOptions(store, operation.collection);
    return {
      before: Object.fromEntries(
        Object.keys(operation.data.options).map((name) => [name, before[ownValue(options, name)?.listed ?? name] ?? null]),
      ),
    };
  },

  async *execute(operation) {
    await modify(store, operation.collection, (name) => wanted(operation, name), Object.keys(operation.data.options));
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const now = await currentOptions(store, operation.collection);
    return Object.entries(operation.data.options).map(([name, value]) => {
      const listed = now[options[name]!.listed] ?? null;
      const target = BSON.EJSON.serialize({ value: wanted(operation, name) } as Document, { relaxed: false })[
        'value'
      ] as JsonValue;
      const unset = value === null || canonicalJson(target) === canonicalJson(options[name]!.unset ?? null);
      const same = unset ? listed === null : canonicalJson(target) === canonicalJson(listed) || isCapped(name);
      return checkThat(same, 'option_set', {
        pass: `${name} is ${canonicalJson(listed)}`,
        fail: `${name} is ${canonicalJson(listed)}, not ${canonicalJson(target)}`,
        action: 'Somebody else changes the options of this collection.',
      });
    });
  },

  async *rollback(operation, undo) {
    const back = (name: string): unknown => {
      const before = undo.before[name] ?? null;
      return before === null ? options[name]!.unset : optionValue(before);
    };
    await modify(store, operation.collection, back, Object.keys(operation.data.options));
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

function wanted(operation: Operation<'alter_options'>, name: string): unknown {
  const value = operation.data.options[name] as JsonValue;
  return value === null ? options[name]!.unset : jsonToCommand(value);
}

/** The server rounds the size of a capped collection up. */
function isCapped(name: string): boolean {
  return name === 'cappedSize';
}

async function modify(
  store: Store,
  collection: string,
  valueFor: (name: string) => unknown,
  names: readonly string[],
): Promise<void> {
  // View definition and pipeline go together in one command, as the server wants them.
  await store.db.command({ collMod: collection, ...Object.fromEntries(names.map((name) => [name, valueFor(name)])), ...durable });
}

async function currentOptions(store: Store, collection: string): Promise<JsonObject> {
  return (await introspectOne(store, collection))?.options ?? {};
}
