import { ExecuteStatementCommand, type ExecuteStatementCommandOutput } from '@aws-sdk/client-dynamodb';
import { type JsonValue, jsonOf, PolyshiftError } from '@polyshift/core';
import type { Store } from './store.ts';
import { sortedFields } from './values/attribute.ts';
import { portableValue } from './values/from-attribute.ts';

/**
 * The value that a SELECT of PartiQL gives of the first item it finds: of several attributes that of the first name in order; null where there is
 * none. Tables stand with their whole names, the prefix of the URL included. Throws INVALID_DOCUMENT for any other statement: a SELECT alone only reads.
 */
export async function checkQuery(store: Store, text: string): Promise<JsonValue> {
  if (!/^\s*SELECT\b/i.test(text)) throw refused(/^\s*(\w+)/.exec(text)?.[1] ?? 'no statement');
  let nextToken: string | undefined;
  do {
    const page = await execute(store, text, nextToken);
    const [item] = page.Items ?? [];
    if (item) {
      const [first] = sortedFields(item);
      return first ? jsonOf({ kind: 'dynamic' }, portableValue(first[1])) : null;
    }
    // A page may be empty where a filter has found nothing yet.
    nextToken = page.NextToken;
  } while (nextToken !== undefined);
  return null;
}

async function execute(store: Store, text: string, nextToken: string | undefined): Promise<ExecuteStatementCommandOutput> {
  const input = { Statement: text, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
  try {
    return await store.send(new ExecuteStatementCommand({ ...input, ConsistentRead: true }));
  } catch (error) {
    // Global indexes are read as they are.
    if (!/consistent read/i.test((error as Error).message)) throw error;
    return store.send(new ExecuteStatementCommand(input));
  }
}

function refused(what: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `the query of a check on DynamoDB: ${what} does not only read`, {
    hint: 'Write one SELECT of PartiQL: SELECT total FROM "orders" WHERE id = 7',
  });
}
