import {
  type Check,
  checkThat,
  fail,
  type JsonObject,
  type JsonValue,
  type Operation,
  type OperationHandler,
  ownValue,
  stableJson,
} from '@polyshift/core';
import { getCollection, onlyIndex } from '../collection/collection.ts';
import { changeSettings } from '../collection/index-changes.ts';
import { flatSettings, isFixed, withSettings } from '../mapping/index-settings.ts';
import { approximateRows, planned, swapLock } from '../planned.ts';
import { isWritableCollection } from '../preconditions.ts';
import { unchanged } from '../rebuild/generation.ts';
import type { HandlerOf, Parts } from './parts.ts';
import { rebuildMethods } from './rebuild-methods.ts';

type Handler = OperationHandler<'alter_options', JsonObject>;
type Methods = Pick<Handler, 'prepare' | 'execute' | 'verify' | 'rollback' | 'discard'>;

/** alter_options: index settings; one that is fixed when an index is made means a new index. */
export const alterOptions: HandlerOf<'alter_options', JsonObject> = (parts) => {
  const { store } = parts;
  const changed = changingMethods(parts);
  const rebuilt = rebuildMethods<'alter_options'>(parts, {
    transformation: () => unchanged,
    next: (operation, { mappings, settings }) => ({ mappings, settings: withSettings(settings, optionsOf(operation)) }),
  }) as unknown as Methods;
  const of = (operation: Operation<'alter_options'>): Methods => (needsNewIndex(operation) ? rebuilt : changed);

  return {
    async plan(operation, context) {
      const name = store.prefix + operation.collection;
      const settings = optionsOf(operation);
      if (!needsNewIndex(operation)) {
        return [
          planned({ PUT: `${name}/_settings`, ...settings }, { risk: 'none', undo: 'sets each option back to what it was' }),
        ];
      }
      return [
        planned(
          { reindex: { from: name, to: `${name}_v?`, settings } },
          {
            phase: 'migrate',
            lock: swapLock,
            rows: approximateRows(context, operation.collection),
            risk: 'none',
            undo: 'lets the name stand for the old index again, with what was written since',
          },
        ),
      ];
    },

    async check(operation): Promise<Check[]> {
      const checks = [await isWritableCollection(store, operation.collection)];
      const own = Object.keys(optionsOf(operation)).filter((name) =>
        /^index\.(?:uuid|creation_date|provided_name|version\.|resize\.)/.test(name),
      );
      if (own.length > 0) checks.push(fail('option', `${own.join(', ')} is set by the server itself`, 'Leave it out.'));
      return checks;
    },

    prepare: (operation, run) => of(operation).prepare(operation, run),
    execute: (operation, undo, run) => of(operation).execute(operation, undo, run),
    async verify(operation, undo, run) {
      const { settings } = onlyIndex(await getCollection(store, operation.collection));
      const wrong = Object.entries(optionsOf(operation)).filter(([name, value]) => !isSet(settings, name, value));
      return [
        ...(needsNewIndex(operation) ? await rebuilt.verify(operation, undo, run) : []),
        checkThat(wrong.length === 0, 'options_set', {
          pass: 'every option is set',
          fail: `${wrong.map(([name]) => name).join(', ')} is not as it was set`,
          action: 'Somebody else changes the settings of this index.',
        }),
      ];
    },
    rollback: (operation, undo, run) => of(operation).rollback(operation, undo, run),
    discard: (operation, undo, run) => of(operation).discard(operation, undo, run),
  };
};

/** Settings that an open index takes. */
function changingMethods({ store }: Parts): Methods {
  return {
    async prepare(operation) {
      const { settings } = onlyIndex(await getCollection(store, operation.collection));
      return {
        before: Object.fromEntries(Object.keys(optionsOf(operation)).map((name) => [name, ownValue(settings, name) ?? null])),
      };
    },
    async *execute(operation) {
      await changeSettings(store, onlyIndex(await getCollection(store, operation.collection)).index, optionsOf(operation));
      yield { rows_done: 1, rows_total: 1 };
    },
    verify: async () => [],
    async *rollback(operation, undo) {
      await changeSettings(
        store,
        onlyIndex(await getCollection(store, operation.collection)).index,
        undo['before'] as JsonObject,
      );
      yield { rows_done: 1, rows_total: 1 };
    },
    async discard() {},
  };
}

function optionsOf({ data }: Operation<'alter_options'>): JsonObject {
  return flatSettings(data.options as JsonObject);
}

function needsNewIndex(operation: Operation<'alter_options'>): boolean {
  return Object.keys(optionsOf(operation)).some(isFixed);
}

/** The server keeps settings as texts. */
function isSet(settings: Readonly<Record<string, string>>, name: string, value: JsonValue): boolean {
  const found = ownValue(settings, name);
  if (value === null) return found === undefined || found === null;
  return typeof value === 'object' ? stableJson(found ?? null) === stableJson(value) : found === String(value);
}
