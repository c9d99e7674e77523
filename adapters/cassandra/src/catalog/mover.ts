import type { CollectionMover } from '@polyshift/adapter-kit';
import { changeSchema } from '../cql/execute.ts';
import type { Store } from '../store.ts';
import { validationStore } from '../validation.ts';
import { dropTable, tableExists } from './drop-table.ts';
import { keptTable } from './kept-table.ts';
import { openTable } from './table.ts';
import { createTableText } from './table-text.ts';

/** How tables come and go for copies: without their indexes, whose names belong to the keyspace and so stand at one table at a time. */
export function tableMover(store: Store): CollectionMover {
  const validations = validationStore(store);
  return {
    exists: (collection) => tableExists(store, collection),

    async cloneStructure(from, to) {
      if (!(await tableExists(store, to)))
        await changeSchema(store, createTableText(store.keyspace, to, await openTable(store, from)));
      const validation = await validations.read(from);
      if (validation) await validations.write(to, validation);
    },

    async drop(collection) {
      if (await validations.read(collection)) await validations.write(collection, null);
      await dropTable(store, collection);
    },

    keptName: (aside) => keptTable(aside),
  };
}
