import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { FieldChange, RawRow, RowKey, RowWrite, WriteOutcome } from '@polyshift/adapter-kit';
import { ownValue } from '@polyshift/core';
import { attemptsAfter, backOff } from '../backoff.ts';
import { classify, hasName, isThrottled } from '../errors.ts';
import type { Store } from '../store.ts';
import type { KeySchema } from '../tables/definition.ts';
import { type AttributeValue, attributeText, type Item } from '../values/attribute.ts';
import { fits, maxExpressionBytes, maxOperators, Placeholders } from './expression.ts';
import { keyItem } from './key.ts';

/** Letters that one more comparison of an expression takes, at most. */
const longestCondition = 20;

/** One conditional request, and how to tell whether it has happened when its answer was lost. */
interface Conditional {
  /** Sends it. Throws ConditionalCheckFailedException with the item that was in its way. */
  send(): Promise<void>;
  /** Whether an item (undefined: none) is what this request would have left behind. */
  isDone(item: Item | undefined): boolean;
}

/** Where rows are written. */
export interface Target {
  readonly TableName: string;
  readonly key: KeySchema;
}

/**
 * Does one write on its condition: see `RowStore.write`.
 *
 * @param unknown whether an earlier attempt may have done it already
 */
export async function writeRow(
  store: Store,
  target: Target,
  write: RowWrite<AttributeValue>,
  unknown = false,
): Promise<WriteOutcome> {
  if (write.kind === 'change') {
    const change = changeRequest(store, target, write.key, write.fields);
    return change === undefined ? tooWide(write.fields.length) : onCondition(change);
  }
  return write.kind === 'insert'
    ? onCondition(insertRequest(store, target, write.row), unknown)
    : removeRow(store, target, write);
}

/**
 * Sends a conditional request until its outcome is known. Where an answer was lost the request is sent again; a condition that then does not
 * hold is looked into: an item that is just what the request would have left is its own.
 */
async function onCondition(request: Conditional, mayBeDone = false): Promise<WriteOutcome> {
  for (let attempt = 1, unknown = mayBeDone; ; attempt++) {
    try {
      await request.send();
      return 'written';
    } catch (error) {
      if (hasName(error, 'ConditionalCheckFailedException')) {
        return unknown && request.isDone((error as { Item?: Item }).Item) ? 'written' : 'differs';
      }
      const { code, retryable } = classify(error);
      // Throttling was waited out already.
      if (retryable && !isThrottled(error) && attempt < attemptsAfter(error)) {
        unknown = true;
        await backOff(attempt);
      } else if (isOfOneRow(error)) return { code, message: (error as Error).message };
      else throw error;
    }
  }
}

/** Whether the service refuses this one item, while it would take others. */
function isOfOneRow(error: unknown): boolean {
  return hasName(error, 'ValidationException', 'ItemCollectionSizeLimitExceededException');
}

function insertRequest(store: Store, { TableName, key }: Target, row: RawRow<AttributeValue>): Conditional {
  const Item = Object.fromEntries(row);
  const places = new Placeholders();
  return {
    async send() {
      await store.send(
        new PutItemCommand({
          TableName,
          Item,
          ConditionExpression: `attribute_not_exists(${places.name(key[0]!.field)})`,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...places.input,
        }),
      );
    },
    isDone: (item) => item !== undefined && sameItem(item, Item),
  };
}

/** Undefined where it names more fields than one expression can. */
function changeRequest(
  store: Store,
  { TableName, key }: Target,
  rowKey: RowKey,
  fields: readonly FieldChange<AttributeValue>[],
): Conditional | undefined {
  const places = new Placeholders();
  const conditions = [`attribute_exists(${places.name(key[0]!.field)})`, ...fields.map((change) => was(places, change))];
  const sets = fields.flatMap(({ field, after }) =>
    after === undefined ? [] : [`${places.name(field)}=${places.value(after)}`],
  );
  const removes = fields.flatMap(({ field, after }) => (after === undefined ? [places.name(field)] : []));
  const ConditionExpression = conditions.join(' AND ');
  const UpdateExpression = [
    ...(sets.length === 0 ? [] : [`SET ${sets.join(',')}`]),
    ...(removes.length === 0 ? [] : [`REMOVE ${removes.join(',')}`]),
  ].join(' ');
  if (!fits(ConditionExpression, 2 * conditions.length) || !fits(UpdateExpression, fields.length)) return undefined;
  return {
    async send() {
      await store.send(
        new UpdateItemCommand({
          TableName,
          Key: keyItem(key, rowKey),
          ConditionExpression,
          UpdateExpression,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...places.input,
        }),
      );
    },
    isDone: (item) => item !== undefined && fields.every(({ field, after }) => isSame(ownValue(item, field), after)),
  };
}

/**
 * Deletes an item that is just as given. No condition says "and nothing else", nor has a wide item room in one expression: what was deleted comes
 * back with the answer, and is put back where it was more than was asked for.
 */
async function removeRow(
  store: Store,
  { TableName, key }: Target,
  write: Extract<RowWrite<AttributeValue>, { kind: 'remove' }>,
): Promise<WriteOutcome> {
  const places = new Placeholders();
  const conditions = [`attribute_exists(${places.name(key[0]!.field)})`];
  const expected = Object.fromEntries(write.row);
  for (const [field, before] of write.row) {
    if (key.some((part) => part.field === field)) continue;
    // The service refuses values that no expression uses, so there must be room before a placeholder is made.
    if (conditions.join(' AND ').length + longestCondition > maxExpressionBytes || 2 * conditions.length >= maxOperators) break;
    conditions.push(was(places, { field, before, after: undefined }));
  }
  let deleted: Item | undefined;
  const outcome = await onCondition({
    async send() {
      const { Attributes } = await store.send(
        new DeleteItemCommand({
          TableName,
          Key: keyItem(key, write.key),
          ConditionExpression: conditions.join(' AND '),
          ReturnValues: 'ALL_OLD',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...places.input,
        }),
      );
      deleted = Attributes;
    },
    isDone: (item) => item === undefined,
  });
  if (outcome !== 'written' || deleted === undefined || sameItem(deleted, expected)) return outcome;
  await onCondition(insertRequest(store, { TableName, key }, new Map(Object.entries(deleted))));
  return 'differs';
}

/** The condition that a field is as it was. */
function was(places: Placeholders, { field, before }: FieldChange<AttributeValue>): string {
  const name = places.name(field);
  return before === undefined ? `attribute_not_exists(${name})` : `${name}=${places.value(before)}`;
}

function tooWide(fields: number): WriteOutcome {
  return {
    code: 'STATEMENT_FAILED',
    message: `a change of ${fields} attributes at once does not fit one expression (${maxExpressionBytes} bytes, ${maxOperators} operators)`,
  };
}

function sameItem(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => isSame(ownValue(left, name), ownValue(right, name)));
}

function isSame(left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  return left === undefined || right === undefined ? left === right : attributeText(left) === attributeText(right);
}
