import { UpdateItemCommand, type UpdateItemCommandInput, type UpdateItemCommandOutput } from '@aws-sdk/client-dynamodb';
import type { LockHolder, LockRecord, LockStore } from '@polyshift/core';
import { attemptsAfter, backOff } from './backoff.ts';
import { classify, hasName, isThrottled } from './errors.ts';
import { readRecord, recordKey } from './journal-table.ts';
import { journalName, type Store, tableName } from './store.ts';
import type { Item } from './values/attribute.ts';

/**
 * Leases as items of the journal, kept over releases so that tokens only grow. DynamoDB has no clock that a condition could ask, so time is that
 * of this machine: the clocks of machines that share a lock must not differ by more than a part of the lease.
 */
export function lockStore(store: Store): LockStore {
  /** One conditional update of a lock. */
  const update = (name: string, input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): Promise<UpdateItemCommandOutput> =>
    store.send(
      new UpdateItemCommand({
        TableName: tableName(store, journalName),
        Key: recordKey('lock', name),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...input,
      }),
    );

  /** An update that goes to the current token alone; false where it is not the current one. Sent again after a lost answer. */
  const updateHeld = async (name: string, token: number, set: string, values: Item): Promise<boolean> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await update(name, {
          UpdateExpression: `SET ${set}`,
          ConditionExpression: '#token = :token AND #held = :held',
          ExpressionAttributeNames: { '#token': 'token', '#held': 'held' },
          ExpressionAttributeValues: { ':token': { N: String(token) }, ':held': { BOOL: true }, ...values },
        });
        return true;
      } catch (error) {
        // A release whose answer was lost finds the lock as it has left it.
        if (hasName(error, 'ConditionalCheckFailedException')) return attempt > 1 && isReleased(error, token);
        if (!classify(error).retryable || isThrottled(error) || attempt >= attemptsAfter(error)) throw error;
        await backOff(attempt);
      }
    }
  };

  const read = async (name: string): Promise<LockRecord | undefined> => {
    const found = await readRecord(store, 'lock', name);
    return found?.['held']?.BOOL ? toRecord(name, found) : undefined;
  };

  return {
    async acquire(name, holder, ttl_ms) {
      for (let attempt = 1; ; attempt++) {
        const now = Date.now();
        try {
          const { Attributes } = await update(name, {
            UpdateExpression:
              'SET #token = if_not_exists(#token, :zero) + :one, #held = :true, holder = :holder, acquired_at = :now, expires_at = :end',
            ConditionExpression: 'attribute_not_exists(#held) OR #held = :false OR expires_at <= :now',
            ExpressionAttributeNames: { '#token': 'token', '#held': 'held' },
            ExpressionAttributeValues: {
              ':zero': { N: '0' },
              ':one': { N: '1' },
              ':true': { BOOL: true },
              ':false': { BOOL: false },
              ':holder': { S: JSON.stringify(holder) },
              ':now': { N: String(now) },
              ':end': { N: String(now + ttl_ms) },
            },
            ReturnValues: 'ALL_NEW',
          });
          return { acquired: true, token: Number(Attributes!['token']!.N) };
        } catch (error) {
          if (hasName(error, 'ConditionalCheckFailedException')) {
            const current = toRecord(name, (error as { Item?: Item }).Item!);
            // An earlier attempt took it, and its answer was lost.
            if (attempt > 1 && current.holder.id === holder.id) return { acquired: true, token: current.token };
            return { acquired: false, current };
          }
          if (!classify(error).retryable || isThrottled(error) || attempt >= attemptsAfter(error)) throw error;
          await backOff(attempt);
        }
      }
    },

    renew: (name, token, ttl_ms) => updateHeld(name, token, 'expires_at = :end', { ':end': { N: String(Date.now() + ttl_ms) } }),

    release: (name, token) => updateHeld(name, token, '#held = :false', { ':false': { BOOL: false } }),

    read,

    async breakLock(name) {
      try {
        const { Attributes } = await update(name, {
          UpdateExpression: 'SET #held = :false, #token = #token + :one',
          ConditionExpression: '#held = :true',
          ExpressionAttributeNames: { '#token': 'token', '#held': 'held' },
          ExpressionAttributeValues: { ':one': { N: '1' }, ':true': { BOOL: true }, ':false': { BOOL: false } },
          ReturnValues: 'ALL_OLD',
        });
        return toRecord(name, Attributes!);
      } catch (error) {
        if (hasName(error, 'ConditionalCheckFailedException', 'ResourceNotFoundException')) return undefined;
        throw error;
      }
    },
  };
}

function isReleased(error: unknown, token: number): boolean {
  const { Item: item } = error as { Item?: Item };
  return Number(item?.['token']?.N) === token && item?.['held']?.BOOL === false;
}

function toRecord(name: string, item: Item): LockRecord {
  const expires = Number(item['expires_at']!.N);
  return {
    name,
    token: Number(item['token']!.N),
    holder: JSON.parse(item['holder']!.S!) as LockHolder,
    acquired_at: new Date(Number(item['acquired_at']!.N)).toISOString(),
    expires_at: new Date(expires).toISOString(),
    expired: expires <= Date.now(),
  };
}
