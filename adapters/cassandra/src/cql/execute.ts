import { PolyshiftError } from '@polyshift/core';
import { types } from 'cassandra-driver';
import type { Store } from '../store.ts';

/** A bound value: bytes in the store's own form, what the driver encodes by the statement's types, null, or undefined for unset. */
export type Bound =
  | Buffer
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | types.Duration
  | readonly string[]
  | readonly number[]
  | readonly Buffer[];

/** A row as the driver gives it. */
export type DriverRow = types.Row;

/** Reads rows; with `serial` those of the last conditional write too, done or not known to be done. */
export async function read(
  store: Store,
  cql: string,
  values: readonly Bound[] = [],
  options: { serial?: boolean } = {},
): Promise<DriverRow[]> {
  const result = await store.client.execute(cql, values as unknown[], {
    prepare: values.length > 0,
    isIdempotent: true,
    consistency: options.serial ? store.levels.serial : store.levels.data,
    // Without pages: what this is used for is small.
    fetchSize: 0,
  });
  return result.rows;
}

/** Rows of a long read, and what the next one begins with. */
export interface Page {
  readonly rows: readonly DriverRow[];
  /** Undefined behind the last page. */
  readonly state: string | undefined;
}

/** A page of a long read; the state goes into the next call. */
export async function readPage(
  store: Store,
  cql: string,
  values: readonly Bound[],
  page: { size: number; state?: string | undefined },
): Promise<Page> {
  const result = await store.client.execute(cql, values as unknown[], {
    prepare: true,
    isIdempotent: true,
    consistency: store.levels.data,
    fetchSize: page.size,
    ...(page.state === undefined ? {} : { pageState: page.state }),
  });
  return { rows: result.rows, state: (result.pageState as string | null) ?? undefined };
}

/** Writes without a condition: idempotent, so that the driver may send it again. */
export async function write(store: Store, cql: string, values: readonly Bound[]): Promise<void> {
  await store.client.execute(cql, values as unknown[], {
    prepare: true,
    isIdempotent: true,
    consistency: store.levels.data,
  });
}

/**
 * Writes without conditions, in one request: not all or none, and idempotent, so that the driver may send it again.
 *
 * @param time what the cells are written as of, in microseconds: what has a later time stays as it is
 */
export async function writeUnlogged(
  store: Store,
  statements: readonly { readonly query: string; readonly params: readonly Bound[] }[],
  time: number,
): Promise<void> {
  await store.client.batch(statements as { query: string; params: unknown[] }[], {
    prepare: true,
    logged: false,
    isIdempotent: true,
    consistency: store.levels.data,
    timestamp: time,
  });
}

/** The time of the store's clock, in microseconds. */
export async function serverTime(store: Store): Promise<number> {
  const [row] = await read(store, 'SELECT now() AS now FROM system.local');
  const { date, ticks } = (row!['now'] as types.TimeUuid).getDatePrecision();
  return date.getTime() * 1000 + Math.floor(ticks / 10);
}

/** What a conditional write did; where it was not applied, the row that its condition met. */
export interface Applied {
  readonly applied: boolean;
  readonly found: DriverRow | undefined;
}

/** A conditional write (LWT): never sent twice by the driver, whose outcome is thrown where it is unknown (see outcomeUnknown). */
export async function writeIf(store: Store, cql: string, values: readonly Bound[]): Promise<Applied> {
  const result = await store.client.execute(cql, values as unknown[], conditional(store));
  return applied(result);
}

/** Several conditional writes into one partition of one table: all, or none where one of the conditions does not hold. */
export async function writeAllIf(
  store: Store,
  statements: readonly { readonly query: string; readonly params: readonly Bound[] }[],
): Promise<Applied> {
  const result = await store.client.batch(statements as { query: string; params: unknown[] }[], conditional(store));
  return applied(result);
}

function conditional(store: Store) {
  return {
    prepare: true,
    isIdempotent: false,
    consistency: store.levels.data,
    serialConsistency: store.levels.serial,
  };
}

function applied(result: types.ResultSet): Applied {
  return { applied: result.wasApplied(), found: result.rows?.[0] };
}

/** Milliseconds in which all nodes must come to the same schema. */
const agreementMs = 60_000;

/** Changes the schema, and returns when all nodes have it. Throws STORE_BUSY where they do not agree in time. */
export async function changeSchema(store: Store, cql: string): Promise<void> {
  const result = await store.client.execute(cql, [], {
    prepare: false,
    isIdempotent: false,
    consistency: store.levels.data,
    readTimeout: agreementMs,
  });
  // What the driver found when it asked the nodes after the statement; its types leave it out.
  if ((result.info as { isSchemaInAgreement?: boolean }).isSchemaInAgreement) return;
  const started = performance.now();
  while (performance.now() - started < agreementMs) {
    if (await nodesAgree(store)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new PolyshiftError('STORE_BUSY', 'the nodes of the cluster do not come to the same schema', {
    hint: '`nodetool describecluster` shows the versions of each node.',
    retryable: true,
  });
}

/** Whether all nodes that the coordinator knows of have its version of the schema. */
async function nodesAgree(store: Store): Promise<boolean> {
  const [local, peers] = await Promise.all([
    store.client.execute('SELECT schema_version FROM system.local'),
    store.client.execute('SELECT schema_version FROM system.peers'),
  ]);
  const versions = new Set([...local.rows, ...peers.rows].map((row) => String(row['schema_version'])));
  return versions.size === 1;
}

/** Runs work for each item, many at once, results by position; the first error stops what has not begun. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item, position: number) => Promise<Result>,
  width = 128,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const position = next++;
      try {
        results[position] = await work(items[position]!, position);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}

/** All consistency levels that a session uses, by the driver's numbers. */
export function levelsOf(address: { consistency: string; serialConsistency: string }): Store['levels'] {
  const numbers: Readonly<Record<string, types.consistencies>> = {
    quorum: types.consistencies.quorum,
    local_quorum: types.consistencies.localQuorum,
    all: types.consistencies.all,
    serial: types.consistencies.serial,
    local_serial: types.consistencies.localSerial,
  };
  return { data: numbers[address.consistency]!, serial: numbers[address.serialConsistency]! };
}
