import { startContainer } from './docker.ts';
import { withDynamodb } from './dynamodb-connection.ts';
import { dynamodbDatabases } from './dynamodb-database.ts';
import { dynamodbFlags, startDynamodbProcess } from './dynamodb-process.ts';
import type { ServerRecipe } from './server.ts';
import { waitUntil } from './wait-until.ts';

const image = 'amazon/dynamodb-local:3.1.0';

/** DynamoDB: `DYNAMODB_URL`, the container `amazon/dynamodb-local:3.1.0`, or DynamoDB Local from Maven. */
export const dynamodbRecipe: ServerRecipe = {
  product: 'DynamoDB',
  urlVariable: 'DYNAMODB_URL',
  image,
  async describe(url) {
    const { ListTablesCommand } = await import('@aws-sdk/client-dynamodb');
    await withDynamodb(url, (client) => client.send(new ListTablesCommand({ Limit: 1 })));
    // It does not say which version it is, nor whether it is the local one.
    return `DynamoDB at ${new URL(url).host}`;
  },
  databases: dynamodbDatabases,
  async startContainer(options) {
    return await startContainer({
      store: 'dynamodb',
      image,
      containerPort: 8000,
      port: options.port,
      command: ['-jar', 'DynamoDBLocal.jar', '-inMemory', ...dynamodbFlags(options.settings)],
      readyLine: /CorsParams/,
      url: (host, port) => `dynamodb://local:local@${host}:${port}?region=local`,
      describe: (url) => waitUntil(() => dynamodbRecipe.describe(url)),
    });
  },
  processes: [{ way: 'DynamoDB Local from Maven (Java 17)', kind: 'native', start: startDynamodbProcess }],
};
