import type { RowStore } from '@polyshift/adapter-kit';
import type { SinkTarget } from '@polyshift/core';
import { ownValue } from '@polyshift/core';
import { makeCollection } from './collections.ts';
import type { Store } from './store.ts';
import type { KeyField, KeyType } from './tables/definition.ts';
import { isThere, keyOfTable } from './tables/describe.ts';
import { newKey } from './tables/key-types.ts';
import { definitionFromOptions, fieldsOf } from './tables/options.ts';
import type { AttributeValue, Item } from './values/attribute.ts';

/**
 * New targets whose keys nobody has shown the types of: rows of rules over documents. A table cannot be made without them, so it is made when the
 * first item comes, and then has the types of that item's key.
 */
export class WaitingTargets {
  private readonly waiting = new Map<string, SinkTarget>();
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  /** Makes the table of a target, or notes that it waits for its first item. */
  async create(target: SinkTarget): Promise<void> {
    const isMade = await isThere(this.store, target.collection);
    const key = isMade ? [...(await keyOfTable(this.store, target.collection))] : shownKey(target);
    if (key) await this.make(target, key);
    else this.waiting.set(target.collection, target);
  }

  /** Whether the table of a collection waits. */
  has(collection: string): boolean {
    return this.waiting.has(collection);
  }

  /** Makes a table that waits, for an item; without one its key is text. */
  async settle(collection: string, item: Item | undefined): Promise<void> {
    const target = this.waiting.get(collection);
    if (!target) return;
    await this.make(target, (item && keyOfFirst(target.key, item)) ?? target.key.map((field) => ({ field, type: 'S' })));
  }

  /** The rows of a store, where a table that waits is an empty one. */
  rowsOf(rows: RowStore<AttributeValue>): RowStore<AttributeValue> {
    return {
      ...rows,
      get: async (collection, keys) => (this.has(collection) ? [] : rows.get(collection, keys)),
      write: async (collection, writes) => {
        const first = writes.find((write) => write.kind === 'insert');
        if (first) await this.settle(collection, Object.fromEntries(first.row));
        return rows.write(collection, writes);
      },
    };
  }

  private async make(target: SinkTarget, key: KeyField[]): Promise<void> {
    const options = fieldsOf(target.params?.['options'] ?? null);
    await makeCollection(this.store, target.collection, definitionFromOptions(key, options, 'load_params.options'));
    // Opened again after another process has made it, it waits no longer.
    this.waiting.delete(target.collection);
  }
}

/** The key of a new target as its columns, or a look at its documents, show it; undefined where they do not tell a type. */
export function shownKey(target: SinkTarget): KeyField[] | undefined {
  const options = fieldsOf(target.params?.['options'] ?? null);
  const given = fieldsOf(options['key_types'] ?? null);
  const columns = target.columns.length > 0 ? target.columns : (target.shown ?? []);
  const typeOf = (field: string) => columns.find((column) => column.name === field)?.type;
  const isShown = (field: string): boolean =>
    ownValue(given, field) !== undefined || (typeOf(field)?.kind ?? 'dynamic') !== 'dynamic';
  const key = newKey(target.key, typeOf, options, 'load_params');
  return target.key.every(isShown) ? key : undefined;
}

/** The key that an item has in these fields, with its types; undefined where it lacks one of them. */
export function keyOfFirst(fields: readonly string[], item: Item): KeyField[] | undefined {
  const key = fields.flatMap((field): KeyField[] => {
    const type = (['S', 'N', 'B'] satisfies KeyType[]).find((each) => ownValue(item, field)?.[each] !== undefined);
    return type === undefined ? [] : [{ field, type }];
  });
  return key.length === fields.length ? key : undefined;
}
