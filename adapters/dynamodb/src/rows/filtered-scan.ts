import { ScanCommand, type ScanCommandInput, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { compileConditions } from '@polyshift/adapter-kit';
import { type Conditions, conditionFields, type JsonValue, parseConditions } from '@polyshift/core';
import { filterExpression } from '../conditions.ts';
import { inFlight } from '../in-flight.ts';
import { type Store, tableName } from '../store.ts';
import type { KeySchema } from '../tables/definition.ts';
import { keyOfTable } from '../tables/describe.ts';
import type { Item } from '../values/attribute.ts';
import { portableDocument } from '../values/from-attribute.ts';
import { refuseLost } from '../values/unreadable.ts';
import { Placeholders } from './expression.ts';
import { keyItem } from './key.ts';

/** Items that a filtered page looks at, at least; of an unfiltered one every item is wanted. */
const filteredPage = 1000;

/** Segments in which a table is counted. */
const countSegments = 4;

/** Which items of a table. */
export interface Selection {
  readonly collection: string;
  readonly conditions?: Conditions | undefined;
  /** Attributes to read, paths among them; all where missing. The key is always read. */
  readonly fields?: readonly string[] | undefined;
  /** Reads what was written last (default), or what was written about a second ago, at half the price. */
  readonly consistent?: boolean;
}

/** One segment of a parallel scan. */
export interface Segment {
  readonly segment: number;
  readonly total: number;
}

/**
 * The items of a segment that meet the conditions, page by page, behind a key; a page may be empty. The next page is on its way while one is dealt
 * with. What the service can judge it filters; the rest is judged here.
 */
export async function* filteredPages(
  store: Store,
  selection: Selection,
  { segment, total }: Segment,
  pageSize: number,
  after?: JsonValue,
): AsyncGenerator<Item[]> {
  const input = await scanInput(store, selection, pageSize);
  const meets = selection.conditions === undefined ? undefined : compileConditions(selection.conditions);
  const key = after === undefined ? [] : await keyOfTable(store, selection.collection);
  const readFrom = (start: Item | undefined): Promise<ScanCommandOutput> =>
    store.send(
      new ScanCommand({
        ...input,
        ...(total === 1 ? {} : { Segment: segment, TotalSegments: total }),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
  let coming: Promise<ScanCommandOutput> | undefined = readFrom(after === undefined ? undefined : keyItem(key, after));
  while (coming !== undefined) {
    const { Items: items = [], LastEvaluatedKey }: ScanCommandOutput = await coming;
    coming = LastEvaluatedKey && readFrom(LastEvaluatedKey);
    coming?.catch(() => undefined);
    for (const item of items) refuseLost(item);
    yield meets === undefined ? items : items.filter((item) => meets(portableDocument(item)));
  }
}

/** The exact number of items that meet the conditions. Reads the whole table. */
export async function countItems(store: Store, collection: string, conditions?: Conditions): Promise<number> {
  const segments = Array.from({ length: countSegments }, (_, segment) => ({ segment, total: countSegments }));
  const filtered = conditions !== undefined && Object.keys(conditions).length > 0;
  const counts = await inFlight(segments, async (segment) => {
    if (!filtered) return countSegment(store, collection, segment);
    const fields = conditionFields(parseConditions(conditions));
    let count = 0;
    for await (const items of filteredPages(store, { collection, conditions, fields }, segment, filteredPage))
      count += items.length;
    return count;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

async function countSegment(store: Store, collection: string, { segment, total }: Segment): Promise<number> {
  let count = 0;
  let start: Item | undefined;
  do {
    const page = await store.send(
      new ScanCommand({
        TableName: tableName(store, collection),
        Select: 'COUNT',
        ConsistentRead: true,
        Segment: segment,
        TotalSegments: total,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    count += page.Count ?? 0;
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return count;
}

async function scanInput(
  store: Store,
  { collection, conditions, fields, consistent }: Selection,
  pageSize: number,
): Promise<ScanCommandInput> {
  const places = new Placeholders();
  const filter = filterExpression(conditions, places);
  const projection =
    fields && projectionOf(await keyOfTable(store, collection), fields, conditions).map((name) => places.name(name));
  return {
    TableName: tableName(store, collection),
    ConsistentRead: consistent ?? true,
    Limit: conditions === undefined ? pageSize : Math.max(pageSize, filteredPage),
    ...(filter === undefined ? {} : { FilterExpression: filter }),
    ...(projection === undefined ? {} : { ProjectionExpression: projection.join(',') }),
    ...places.input,
  };
}

/** Whole attributes: a path is read with the attribute that it begins in, and with the one that has the path as its name. */
function projectionOf(key: KeySchema, fields: readonly string[], conditions: Conditions | undefined): readonly string[] {
  const named = [...fields, ...conditionFields(parseConditions(conditions))];
  return [...new Set([...key.map(({ field }) => field), ...named.flatMap(prefixesOf)])];
}

/** `a.b.c` may be an attribute of that name, or inside of `a.b` or of `a`. */
function prefixesOf(path: string): string[] {
  const parts = path.split('.');
  return parts.map((_part, index) => parts.slice(0, index + 1).join('.')).filter((name) => name !== '');
}
