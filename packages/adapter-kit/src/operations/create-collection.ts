import { checkThat, type JsonObject, PolyshiftError, pass, warn } from '@polyshift/core';
import { contentOf } from '../change/content.ts';
import type { RowHandler, RowOperations } from './row-operations.ts';

/** create_collection on a store that declares no fields but those of the key. */
export function createCollection<Raw>(
  operations: RowOperations<Raw>,
  maker: { create(collection: string, key: readonly string[]): Promise<void>; drop(collection: string): Promise<void> },
): RowHandler<'create_collection'> {
  return {
    async plan({ collection, data }) {
      const statement = `create ${collection} with the key ${(data.key ?? []).join(', ')}`;
      return [{ statement, phase: 'expand', risk: 'none', undo: `drops ${collection}; refused while it holds rows` }];
    },
    async check({ collection, data }) {
      const key = data.key ?? [];
      const others = data.fields.filter(({ name }) => !key.includes(name));
      return [
        checkThat((await operations.keyOf(collection)) === undefined, 'name_free', {
          pass: `${collection} is free`,
          fail: `there is a collection ${collection} already`,
          action: 'Choose another name, or drop or rename it first by an operation of its own.',
        }),
        checkThat(key.length > 0, 'key', {
          pass: `the key is ${key.join(', ')}`,
          fail: 'there is no key, which identifies a row',
          action: 'Name the fields of the key.',
        }),
        others.length === 0
          ? pass('fields', 'there is no field to declare')
          : warn('fields', `${others.length} fields are not declared: the store knows the key alone`, 'Use schema_validation.'),
      ];
    },
    prepare: async (): Promise<JsonObject> => ({}),
    async *execute({ collection, data }, _undo, run) {
      await run.guard();
      await maker.create(collection, data.key ?? []);
      yield { rows_done: 1, rows_total: 1 };
    },
    async verify({ collection }) {
      return [
        checkThat((await operations.keyOf(collection)) !== undefined, 'collection_exists', {
          pass: `${collection} is there`,
          fail: `${collection} is not there`,
          action: 'Somebody else has dropped it.',
        }),
      ];
    },
    async *rollback({ collection }, _undo, run) {
      if ((await operations.keyOf(collection)) !== undefined) {
        await operations.open?.(collection);
        const { count } = await contentOf(operations.store, collection);
        if (count > 0)
          throw new PolyshiftError('WRITTEN_SINCE', `${collection} holds ${count} rows that were written since it was created`, {
            hint: 'Move them elsewhere first.',
            data: { collection, count },
          });
        await run.guard();
        await maker.drop(collection);
      }
      yield { rows_done: 1, rows_total: 1 };
    },
    async discard() {},
  };
}
