import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { withParameter } from './database-url.ts';
import { withDynamodb } from './dynamodb-connection.ts';
import type { DatabaseRecipe } from './server.ts';

/** A prefix of table names in DynamoDB, which has no databases. */
export const dynamodbDatabases: DatabaseRecipe = {
  create: (url, name) => withDynamodb(url, async (client) => void (await tablesOf(client, name))),
  drop: (url, name) =>
    withDynamodb(url, async (client) => {
      for (const table of await tablesOf(client, name)) await drop(client, table);
    }),
  urlOf: (url, name) => withParameter(url, 'table_prefix', `${name}_`),
};

async function tablesOf(client: DynamoDBClient, name: string): Promise<string[]> {
  const { paginateListTables } = await import('@aws-sdk/client-dynamodb');
  const tables: string[] = [];
  for await (const page of paginateListTables({ client }, {})) {
    tables.push(...(page.TableNames ?? []).filter((table) => table.startsWith(`${name}_`)));
  }
  return tables;
}

async function drop(client: DynamoDBClient, table: string): Promise<void> {
  const { DeleteTableCommand, DescribeTableCommand, ResourceNotFoundException, UpdateTableCommand } = await import(
    '@aws-sdk/client-dynamodb'
  );
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    if (Table?.DeletionProtectionEnabled) {
      await client.send(new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: false }));
    }
    await client.send(new DeleteTableCommand({ TableName: table }));
  } catch (error) {
    // Somebody else has dropped it since it was listed.
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}
