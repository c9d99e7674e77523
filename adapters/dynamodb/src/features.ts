import { DescribeContinuousBackupsCommand, type DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import type { ServerInfo } from '@polyshift/core';
import { hasName, isNoTable } from './errors.ts';
import type { Features } from './store.ts';

/** The version of the protocol, which is the only one the service tells. */
const apiVersion = '2012-08-10';

/**
 * Asks the server what it is: the list of tables shows that it answers and knows us, and backups of a table that cannot be there whether it has
 * them at all. The real service does; DynamoDB Local does not know the request.
 */
export async function askServer(
  client: DynamoDBClient,
  prefix: string,
  abortSignal: AbortSignal,
): Promise<{ features: Features; server: ServerInfo }> {
  const [, backups] = await Promise.all([
    client.send(new ListTablesCommand({ Limit: 1 }), { abortSignal }),
    lookForBackups(client, `${prefix}polyshift_nowhere`, abortSignal),
  ]);
  const complete = backups !== 'unknown';
  const features: Features = { transactions: true, point_in_time_recovery: backups === 'there', table_classes: complete };
  return {
    features,
    server: {
      product: complete ? 'DynamoDB' : 'DynamoDB Local',
      version: `API ${apiVersion}`,
      stand_in: !complete,
      features,
    },
  };
}

/** Whether the server has backups: `denied` where this user may not see them, and so is not told to use them. */
async function lookForBackups(
  client: DynamoDBClient,
  TableName: string,
  abortSignal: AbortSignal,
): Promise<'there' | 'denied' | 'unknown'> {
  try {
    await client.send(new DescribeContinuousBackupsCommand({ TableName }), { abortSignal });
    return 'there';
  } catch (error) {
    if (isNoTable(error)) return 'there';
    if (hasName(error, 'UnknownOperationException')) return 'unknown';
    if (hasName(error, 'AccessDeniedException')) return 'denied';
    throw error;
  }
}
