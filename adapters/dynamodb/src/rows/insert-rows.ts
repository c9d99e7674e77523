import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandOutput,
  type BatchStatementRequest,
} from '@aws-sdk/client-dynamodb';
import { groupsWithin, type RowWrite, type WriteOutcome } from '@polyshift/adapter-kit';
import { classify, hasName, isThrottled } from '../errors.ts';
import { inFlight } from '../in-flight.ts';
import type { Store } from '../store.ts';
import type { AttributeValue } from '../values/attribute.ts';
import { sizeOf } from '../values/size.ts';
import { type Target, writeRow } from './conditional-write.ts';

/** An item that is written only where its key is free. */
type Insert = Extract<RowWrite<AttributeValue>, { kind: 'insert' }>;

/** Statements that one BatchExecuteStatement takes, letters that one statement takes, and bytes that are sent at once. */
const statementsInBatch = 25;
const statementLength = 8192;
const bytesInBatch = 2_000_000;

/** Names that stand in a statement as they are; an item with any other goes by itself, where names are bound. */
const plainName = /^[\w .-]+$/;

/**
 * Inserts items, each on the condition that its key is free, by batches of PartiQL: unlike BatchWriteItem an INSERT never writes over an item, and
 * each has an outcome of its own. What a batch does not settle (throttling, a lost answer, what one item did wrong) is settled item by item.
 */
export async function insertRows(store: Store, target: Target, inserts: readonly Insert[]): Promise<WriteOutcome[]> {
  const outcomes = new Array<WriteOutcome>(inserts.length);
  await inFlight(groupsOf(inserts), async (group) => {
    const settled =
      group.length === 1
        ? []
        : await insertGroup(
            store,
            target,
            group.map((position) => inserts[position]!),
          );
    await inFlight(group, async (position, index) => {
      const outcome = settled[index];
      outcomes[position] =
        outcome === undefined || outcome === 'unknown'
          ? await writeRow(store, target, inserts[position]!, outcome === 'unknown')
          : outcome;
    });
  });
  return outcomes;
}

/** The outcome of each item as far as the batch tells it: undefined where nothing was done, `unknown` where something may have been. */
async function insertGroup(
  store: Store,
  target: Target,
  group: readonly Insert[],
): Promise<('written' | 'differs' | 'unknown' | undefined)[]> {
  try {
    const { Responses }: BatchExecuteStatementCommandOutput = await store.send(
      new BatchExecuteStatementCommand({ Statements: group.map((insert) => statementOf(target, insert)) }),
    );
    return group.map((_insert, index) => {
      const code = Responses?.[index]?.Error?.Code;
      if (code === undefined) return 'written';
      if (code === 'DuplicateItem') return 'differs';
      return code === 'InternalServerError' ? 'unknown' : undefined;
    });
  } catch (error) {
    // Refused as a whole: one statement of it is not taken, or this user may write by PutItem alone.
    if (isThrottled(error) || hasName(error, 'ValidationException', 'AccessDeniedException')) return [];
    if (!classify(error).retryable) throw error;
    return group.map(() => 'unknown');
  }
}

function statementOf({ TableName }: Target, { row }: Insert): BatchStatementRequest {
  const fields = [...row.keys()].map((name) => `'${name}':?`).join(',');
  return { Statement: `INSERT INTO "${TableName}" VALUE {${fields}}`, Parameters: [...row.values()] };
}

/** Positions in groups that are sent together; an item that cannot be in a statement is a group of its own. */
function groupsOf(inserts: readonly Insert[]): number[][] {
  const together: number[] = [];
  const apart: number[][] = [];
  for (const [position, insert] of inserts.entries()) {
    if (fitsStatement(insert)) together.push(position);
    else apart.push([position]);
  }
  const size = (position: number): number => sizeOf({ M: Object.fromEntries(inserts[position]!.row) });
  return [...apart, ...groupsWithin(together, size, { items: statementsInBatch, size: bytesInBatch })];
}

function fitsStatement({ row }: Insert): boolean {
  const names = [...row.keys()];
  const length = names.reduce((sum, name) => sum + name.length + 5, 300);
  return length <= statementLength && names.every((name) => plainName.test(name));
}
