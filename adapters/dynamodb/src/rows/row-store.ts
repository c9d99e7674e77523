import type { RowCodec, RowStore, WriteOutcome } from '@polyshift/adapter-kit';
import { PolyshiftError } from '@polyshift/core';
import { inFlight } from '../in-flight.ts';
import { type Store, tableName } from '../store.ts';
import { describe, keyOfTable } from '../tables/describe.ts';
import { type AttributeValue, attributeText } from '../values/attribute.ts';
import { portableDocument } from '../values/from-attribute.ts';
import { attributeFromJson, attributeToJson } from '../values/json.ts';
import type { NoteLoss } from '../values/losses.ts';
import { dynamicAttribute } from '../values/to-attribute.ts';
import { refuseLost } from '../values/unreadable.ts';
import { asideStore } from './aside-store.ts';
import { getItems } from './batch-get.ts';
import { writeRow } from './conditional-write.ts';
import { insertRows } from './insert-rows.ts';
import { keyItem, keyOfItem } from './key.ts';
import { rawRow } from './raw-row.ts';
import { scanSegments } from './scan-segments.ts';

/** How items are read, changed and kept. */
export const codec: RowCodec<AttributeValue> = {
  decode: (_collection, row) => portableDocument(Object.fromEntries(row)),

  edit(_collection, row, edits) {
    const edited = new Map(row);
    for (const edit of edits) {
      if (edit.kind === 'unset') edited.delete(edit.field);
      else if (edit.kind === 'set') edited.set(edit.field, dynamicAttribute(edit.value, refuseLoss(edit.field)));
      else {
        const value = edited.get(edit.from);
        edited.delete(edit.from);
        if (value !== undefined) edited.set(edit.to, value);
      }
    }
    refuseLost(Object.fromEntries(edited));
    return edited;
  },

  equal: (left, right) => attributeText(left) === attributeText(right),
  toJson: attributeToJson,
  fromJson: attributeFromJson,
};

/** Rows in place, over the tables of a store. */
export function rowStore(store: Store): RowStore<AttributeValue> {
  return {
    codec,
    aside: asideStore(store),

    scan: (collection, scan) => scanSegments(store, collection, scan),

    async get(collection, keys) {
      const key = await keyOfTable(store, collection);
      const distinct = new Map(keys.map((each) => [JSON.stringify(each), each]));
      const items = await getItems(
        store,
        tableName(store, collection),
        [...distinct.values()].map((each) => keyItem(key, each)),
      );
      return items.map((item) => ({ key: keyOfItem(key, item), row: rawRow(item) }));
    },

    async write(collection, writes) {
      const target = { TableName: tableName(store, collection), key: await keyOfTable(store, collection) };
      const inserts = writes.flatMap((write) => (write.kind === 'insert' ? [write] : []));
      const [inserted, others] = await Promise.all([
        insertRows(store, target, inserts),
        inFlight(
          writes.filter((write) => write.kind !== 'insert'),
          (write) => writeRow(store, target, write),
        ),
      ]);
      const [nextInserted, nextOther] = [inserted.values(), others.values()];
      return writes.map((write) => (write.kind === 'insert' ? nextInserted : nextOther).next().value as WriteOutcome);
    },

    approximateCount: async (collection) => (await describe(store, collection))?.ItemCount,
  };
}

/** An operation does not lose anything of a value in silence. The order of fields in a document is no loss: the store has none. */
export function refuseLoss(field: string): NoteLoss {
  return (loss, from, to) => {
    if (loss === 'field_order') return;
    throw new PolyshiftError('CONVERSION_FAILED', `${field}: ${from} would become ${to} (${loss})`);
  };
}
