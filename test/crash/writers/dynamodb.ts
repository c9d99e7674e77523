import {
  DeleteItemCommand,
  DynamoDBClient,
  DynamoDBServiceException,
  PutItemCommand,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  answerTimeoutMs,
  connectTimeoutMs,
  expectOneRow,
  type LiveWriter,
  type NotedRow,
  neverSent,
  notesByKey,
  type OpenWriter,
  written,
} from './writer.ts';

/** Writes to a table of DynamoDB. */
export const openDynamodbWriter: OpenWriter = async (url, table, field = 'note') => {
  const { host, username, password, searchParams } = new URL(url);
  const client = new DynamoDBClient({
    endpoint: `http://${host}`,
    region: searchParams.get('region') ?? 'us-east-1',
    credentials: { accessKeyId: decodeURIComponent(username), secretAccessKey: decodeURIComponent(password) },
    // A request that is sent twice could hide that the first one was lost.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: connectTimeoutMs, requestTimeout: answerTimeoutMs },
  });
  const TableName = `${searchParams.get('table_prefix') ?? ''}${table}`;
  const keyOf = (key: number) => ({ id: { N: String(key) } });
  const there = 'attribute_exists(id)';
  return {
    async insert(key, note) {
      const command = new PutItemCommand({ TableName, Item: { ...keyOf(key), [field]: { S: note } } });
      await written(client.send(command), refused);
    },
    async update(key, note) {
      const command = new UpdateItemCommand({
        TableName,
        Key: keyOf(key),
        UpdateExpression: 'SET #note = :note',
        ConditionExpression: there,
        ExpressionAttributeNames: { '#note': field },
        ExpressionAttributeValues: { ':note': { S: note } },
      });
      await met(`update ${key}`, written(client.send(command), refused));
    },
    async remove(key) {
      const command = new DeleteItemCommand({ TableName, Key: keyOf(key), ConditionExpression: there });
      await met(`remove ${key}`, written(client.send(command), refused));
    },
    async readAll() {
      const rows: NotedRow[] = [];
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
        for (const item of Items) rows.push([Number(item['id']?.N), item[field]?.S]);
      return notesByKey(rows);
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  } satisfies LiveWriter;
};

/** A condition that does not hold: the row is not there. */
async function met(what: string, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if ((cause as Error).name === 'ConditionalCheckFailedException') expectOneRow(0, what);
    throw error;
  }
}

/** A request that the service finds fault with is not done; one that it fails at may be. */
function refused(error: unknown): boolean {
  return neverSent(error) || (error instanceof DynamoDBServiceException && error.$fault === 'client');
}
