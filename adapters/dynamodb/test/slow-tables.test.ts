import { freshDatabase, startServer } from '@polyshift/testkit';
import { expect, it } from 'vitest';
import { connectStore } from '../src/adapter.ts';
import { putItems } from '../src/rows/batch-write.ts';
import { tableName } from '../src/store.ts';
import { createTable, deleteTable, plainDefinition } from '../src/tables/create.ts';
import { describe as describeTable } from '../src/tables/describe.ts';

// As the service does, and DynamoDB Local only when it is told to: a new table is CREATING, a deleted one DELETING for a while.
const settings = { delayTransientStatuses: 'true' };

it('waits for tables that are being created and deleted, whoever asked for it', async () => {
  await using server = await startServer('dynamodb', { settings });
  await using database = await freshDatabase(server, 'slow');
  const store = await connectStore(database.url);
  try {
    const definition = plainDefinition([{ field: 'id', type: 'N' }]);
    await Promise.all([createTable(store, 'slow', definition), createTable(store, 'slow', definition)]);
    expect((await describeTable(store, 'slow'))?.TableStatus).toBe('ACTIVE');
    await putItems(store, tableName(store, 'slow'), [{ id: { N: '1' } }]);
    await Promise.all([deleteTable(store, 'slow'), deleteTable(store, 'slow')]);
    expect(await describeTable(store, 'slow')).toBeUndefined();
    // A table of the name that is still being deleted is waited for before the next one is made.
    await createTable(store, 'slow', definition);
    const deleting = deleteTable(store, 'slow');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([deleting, createTable(store, 'slow', definition)]);
    expect((await describeTable(store, 'slow'))?.TableStatus).toBe('ACTIVE');
  } finally {
    store.close();
  }
});
