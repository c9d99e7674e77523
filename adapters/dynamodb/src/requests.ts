import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PolyshiftError } from '@polyshift/core';
import { attemptsAfter, backOff } from './backoff.ts';
import { classify, isThrottled } from './errors.ts';

/** Sends one command, with the retries that are safe. */
export type Send = DynamoDBClient['send'];

/** Commands that come to the same end however often they are sent; those that write items are, unless they have a condition. */
const repeatable = new Set([
  'ListTablesCommand',
  'DescribeTableCommand',
  'DescribeTimeToLiveCommand',
  'DescribeContinuousBackupsCommand',
  'GetItemCommand',
  'BatchGetItemCommand',
  'QueryCommand',
  'ScanCommand',
  // Only of a SELECT.
  'ExecuteStatementCommand',
  'PutItemCommand',
  'DeleteItemCommand',
  'BatchWriteItemCommand',
  'TransactWriteItemsCommand',
]);

interface Sent {
  readonly constructor: { readonly name: string };
  readonly input: { ConditionExpression?: string; ClientRequestToken?: string; TransactItems?: unknown };
}

/**
 * A sender for one client. Throttling is always waited out, with growing pauses. A lost connection or a failure of the service is only
 * where the request can be sent twice: a conditional write that did happen would find its own result in its way, so its caller
 * looks into that (rows/conditional-write.ts), and changes of tables are begun again by the run.
 *
 * @param isClosed told when the session was closed: nothing is sent from then on
 */
export function sender(client: DynamoDBClient, isClosed: () => boolean): Send {
  const send = async (command: Sent, options?: { abortSignal?: AbortSignal }): Promise<unknown> => {
    // The token by which the service knows a transaction again that is sent twice.
    if (command.input.TransactItems) command.input.ClientRequestToken ??= randomUUID();
    for (let attempt = 1; ; attempt++) {
      if (isClosed()) throw new PolyshiftError('CONNECTION_LOST', 'the session was closed');
      try {
        return await client.send(command as never, options);
      } catch (error) {
        const again = isThrottled(error) || (classify(error).retryable && isRepeatable(command));
        if (attempt >= attemptsAfter(error) || !again) throw error;
        await backOff(attempt, options?.abortSignal);
      }
    }
  };
  return send as unknown as Send;
}

function isRepeatable(command: Sent): boolean {
  return repeatable.has(command.constructor.name) && command.input.ConditionExpression === undefined;
}
