import { join } from 'node:path';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { startServer } from '../src/servers/start-server.ts';
import { testLifecycle } from './server-lifecycle.ts';

async function withClient<T>(url: string, use: (client: DynamoDBClient, table: string) => Promise<T>): Promise<T> {
  const { host, username, password, searchParams } = new URL(url);
  const client = new DynamoDBClient({
    endpoint: `http://${host}`,
    region: searchParams.get('region') ?? '',
    credentials: { accessKeyId: username, secretAccessKey: password },
  });
  try {
    return await use(client, `${searchParams.get('table_prefix') ?? ''}kept`);
  } finally {
    client.destroy();
  }
}

testLifecycle({
  store: 'dynamodb',
  description: /^DynamoDB Local \d+\.\d+\.\d+, from Maven$/,
  url: /^dynamodb:\/\/local:local@127\.0\.0\.1:\d+\?region=local$/,
  options: (folder) => ({ dataDir: join(folder, 'data') }),
  put: (url, value) =>
    withClient(url, async (client, table) => {
      const create = new CreateTableCommand({
        TableName: table,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        // Dropping the test's database must cope with it.
        DeletionProtectionEnabled: true,
      });
      await client.send(create).catch((error) => {
        if (!(error instanceof ResourceInUseException)) throw error;
      });
      await client.send(new PutItemCommand({ TableName: table, Item: { id: { S: 'one' }, value: { N: String(value) } } }));
    }),
  get: (url) =>
    withClient(url, async (client, table) => {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: { id: { S: 'one' } } }));
      return Item?.['value']?.N === undefined ? undefined : Number(Item['value'].N);
    }),
  names: (url, name) =>
    withClient(url, async (client) => {
      const { TableNames = [] } = await client.send(new ListTablesCommand());
      return TableNames.filter((table) => table.startsWith(name));
    }),
});

test('without a data folder it keeps its data in memory and says so', async () => {
  await using server = await startServer('dynamodb', { kinds: ['native'] });
  expect(server.process?.keepsData).toBe(false);
});
