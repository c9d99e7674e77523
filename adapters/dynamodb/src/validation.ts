import { enforcedViolations, type StoredValidation, type ValidationStore } from '@polyshift/adapter-kit';
import type { PortableDocument } from '@polyshift/core';
import { deleteRecord, readRecord, readRecords, writeRecord } from './journal-table.ts';
import type { Store } from './store.ts';
import type { Item } from './values/attribute.ts';

const kind = 'validation';

/** Validation schemas as records of the journal: the service knows nothing of them, polyshift holds loads and checks against them. */
export function validationStore(store: Store): ValidationStore {
  return {
    async read(collection) {
      const found = await readRecord(store, kind, collection);
      return found ? validationOf(found) : null;
    },
    async write(collection, validation) {
      if (validation === null) await deleteRecord(store, kind, collection);
      else await writeRecord(store, kind, collection, { record: { S: JSON.stringify(validation) } });
    },
  };
}

/** All validation schemas, by collection. */
export async function readValidations(store: Store): Promise<ReadonlyMap<string, StoredValidation>> {
  return new Map((await readRecords(store, kind)).map((item) => [item['key']!.S!, validationOf(item)]));
}

/** What a document has against the validation schema of a collection; undefined where there is no schema that refuses. */
export async function violationsOf(
  store: Store,
  collection: string,
): Promise<((document: PortableDocument) => readonly string[]) | undefined> {
  return enforcedViolations(await validationStore(store).read(collection));
}

function validationOf(item: Item): StoredValidation {
  return JSON.parse(item['record']!.S!) as StoredValidation;
}
