import { type CollectionMover, keptName } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import { deleteRecord, readRecord, writeRecord } from './journal-table.ts';
import { noCollection, type Store } from './store.ts';
import { createTable, deleteTable, plainDefinition } from './tables/create.ts';
import type { TableDefinition } from './tables/definition.ts';
import { isThere, readTable } from './tables/describe.ts';
import { validationStore } from './validation.ts';

/** The kind of the records that hold the definitions of tables kept aside. */
const kind = 'kept';

/** How the collections begin that hold the rows of dropped ones, before the name of the step. */
export const keptPrefix = keptName('');

/** Makes a table as a collection. A validation schema of an earlier table of this name, which somebody has deleted by hand, is not its own. */
export async function makeCollection(store: Store, collection: string, definition: TableDefinition): Promise<void> {
  if (!(await isThere(store, collection))) await validationStore(store).write(collection, null);
  await createTable(store, collection, definition);
}

/** Deletes the table of a collection, and its validation schema. Idempotent. */
export async function dropCollection(store: Store, collection: string): Promise<void> {
  await deleteTable(store, collection);
  await validationStore(store).write(collection, null);
}

/**
 * How tables are made and dropped while their items are copied. One that is kept aside has the key alone, without indexes, expiry and
 * protection, which would cost money or take items away; its full definition is a record of the journal.
 */
export function collectionMover(store: Store): CollectionMover {
  const isKept = (collection: string): boolean => collection.startsWith(keptPrefix);

  return {
    exists: (collection) => isThere(store, collection),

    async cloneStructure(from, to) {
      if (isKept(from)) {
        const { definition, validation } = await readKept(store, from);
        return cloneInto(store, to, definition, validation);
      }
      const table = await readTable(store, from);
      if (!table) throw noCollection(store, from);
      const validation = await validationStore(store).read(from);
      if (!isKept(to)) return cloneInto(store, to, table.definition, validation);
      // A second attempt finds the definition: by then the table may be half dropped.
      if (!(await isThere(store, to))) {
        await writeRecord(store, kind, to, { record: { S: JSON.stringify({ definition: table.definition, validation }) } });
      }
      await createTable(store, to, plainDefinition(table.definition.key));
    },

    async drop(collection) {
      if (!isKept(collection)) return dropCollection(store, collection);
      await deleteTable(store, collection);
      await deleteRecord(store, kind, collection);
    },

    keptName,
  };
}

/** What is known of a table that is kept aside. */
interface Kept {
  readonly definition: TableDefinition;
  readonly validation: JsonValue;
}

async function cloneInto(store: Store, collection: string, definition: TableDefinition, validation: JsonValue): Promise<void> {
  await makeCollection(store, collection, definition);
  // Of a half-dropped original it is gone already, and the copy has it.
  if (validation !== null) await validationStore(store).write(collection, validation as never);
}

async function readKept(store: Store, collection: string): Promise<Kept> {
  const record = await readRecord(store, kind, collection);
  if (!record) throw noCollection(store, collection);
  return JSON.parse(record['record']!.S!) as Kept;
}
