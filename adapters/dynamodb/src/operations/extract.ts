import { type CollectionMaker, compilePipeline, editDocument, extract as extractRows, valueAt } from '@polyshift/adapter-kit';
import { dynamicType, type Operation, type PortableDocument, type PortableType, type PortableValue } from '@polyshift/core';
import { dropCollection, makeCollection } from '../collections.ts';
import { nameIsFree } from '../preconditions.ts';
import { filteredPages } from '../rows/filtered-scan.ts';
import type { Store } from '../store.ts';
import { plainDefinition } from '../tables/create.ts';
import { keyOfTable } from '../tables/describe.ts';
import { newKey } from '../tables/key-types.ts';
import { portableDocument } from '../values/from-attribute.ts';
import type { HandlerOf } from './handler-of.ts';

/** Items that are looked at to tell the types of the new key. */
const sampleSize = 200;

/** extract: a copy into a new table, through conditions, a pipeline and a choice of attributes; the new table is paid per request. */
export const extract: HandlerOf<'extract'> = (store, rows) => {
  const handler = extractRows(rows, makerFor(store, undefined));
  return {
    ...handler,
    async check(operation) {
      const free = await nameIsFree(store, operation.data.into);
      return free.status === 'FAILED' ? [free] : handler.check(operation);
    },
    // The types of the new key depend on what the operation makes of the items.
    execute: (operation, undo, run) => extractRows(rows, makerFor(store, operation)).execute(operation, undo, run),
  };
};

function makerFor(store: Store, operation: Operation<'extract'> | undefined): CollectionMaker {
  return {
    async createLike(collection, like, key) {
      const own = await keyOfTable(store, like);
      const sample = operation ? await sampleOf(store, operation) : [];
      const typeOf = (field: string): PortableType | undefined => {
        const value = sample.map((document) => document.get(field)).find((each) => each !== undefined && each !== null);
        return value === undefined || value === null ? undefined : dynamicType(value);
      };
      const types = Object.fromEntries(own.map(({ field, type }) => [field, type]));
      const options = sample.length === 0 ? { key_types: types } : {};
      await makeCollection(store, collection, plainDefinition(newKey(key, typeOf, options, 'data')));
    },
    drop: (collection) => dropCollection(store, collection),
  };
}

/** The first items as the new table gets them. */
async function sampleOf(store: Store, operation: Operation<'extract'>): Promise<PortableDocument[]> {
  const { fields, pipeline } = operation.data;
  const { collection, conditions } = operation;
  const edits = pipeline ? compilePipeline(pipeline) : undefined;
  const pairs = Array.isArray(fields) ? fields.map((name) => [name, name] as const) : fields && Object.entries(fields);
  for await (const items of filteredPages(store, { collection, conditions }, { segment: 0, total: 1 }, sampleSize)) {
    if (items.length === 0) continue;
    return items.map((item) => {
      const document = portableDocument(item);
      const edited = edits ? editDocument(document, edits(document)) : document;
      return pairs ? new Map(pairs.flatMap(([name, from]) => pick(edited, name, from))) : edited;
    });
  }
  return [];
}

function pick(document: PortableDocument, name: string, from: string): [string, PortableValue][] {
  const value = valueAt(document, from);
  return value === undefined ? [] : [[name, value]];
}
