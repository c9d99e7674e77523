import { randomUUID } from 'node:crypto';
import type { Pressure } from '@polyshift/core';
import type { Document } from 'mongodb';
import { classify, hasCode } from './errors.ts';
import type { Store } from './store.ts';

/** What a server tells of one number, or why it does not. */
type Told = number | { readonly unknown: string };

const notAuthorized = 13;
const noReplication = 76;
const grant = 'the user may not see it: grant the role clusterMonitor';

/** Operations of others that the server runs, and how far the slowest secondary is behind the primary. */
export async function pressure(store: Store): Promise<Pressure> {
  const [lag, load] = await Promise.all([told(() => askLag(store)), told(() => askLoad(store))]);
  const unknown = {
    ...(typeof lag === 'object' ? { replica_lag_ms: lag.unknown } : {}),
    ...(typeof load === 'object' ? { load: load.unknown } : {}),
  };
  return {
    replica_lag_ms: typeof lag === 'number' ? lag : null,
    load: typeof load === 'number' ? load : null,
    ...(Object.keys(unknown).length > 0 ? { unknown } : {}),
  };
}

/** Commands by which clients and members keep in touch; they may wait at the server for seconds. */
const upkeep = ['hello', 'isMaster', 'ismaster', 'replSetHeartbeat', 'replSetUpdatePosition', 'oplogGetMore'];

/**
 * Counts what `$currentOp` lists: operations of clients that are active, without those of this process, of replication, of monitoring, and cursors that wait for what comes.
 *
 * @param comment the comment of the operation that has asked; a server that does not list it does not list others either
 */
export function countOthers(operations: readonly Document[], comment: string): Told {
  const own = operations.find((operation) => operation['command']?.comment === comment);
  if (!own) return { unknown: 'the server does not list its operations' };
  return operations.filter((operation) => isWork(operation) && !(sameClient(operation, own) && sameName(operation, own))).length;
}

function isWork({ active, connectionId, ns, command, cursor }: Document): boolean {
  if (active !== true || connectionId === undefined || String(ns ?? '').startsWith('local.')) return false;
  if (cursor?.awaitData === true) return false;
  return !upkeep.some((name) => command?.[name] !== undefined);
}

/** Whether operations come from the same host: ports differ between the connections of one process. */
function sameClient(left: Document, right: Document): boolean {
  const host = ({ client }: Document): string => String(client ?? '').replace(/:\d+$/, '');
  return host(left) === host(right);
}

function sameName(left: Document, right: Document): boolean {
  return left['appName'] === right['appName'];
}

/**
 * By how many milliseconds the slowest secondary is behind the primary, beyond the delay that it is configured with; 0 without secondaries.
 *
 * @param members as `replSetGetStatus` gives them
 * @param delays the configured delays in milliseconds, by the `_id` of the member
 */
export function slowestLag(members: readonly Document[], delays: ReadonlyMap<number, number> = new Map()): Told {
  const secondaries = members.filter(({ state, health }) => state === 2 && health === 1);
  if (secondaries.length === 0) return 0;
  const primary = members.find(({ state }) => state === 1)?.['optimeDate'];
  if (!(primary instanceof Date)) return { unknown: 'the replica set has no primary that says how far it is' };
  const lags = secondaries.map(({ _id, optimeDate }) =>
    optimeDate instanceof Date ? primary.getTime() - optimeDate.getTime() - (delays.get(Number(_id)) ?? 0) : Number.NaN,
  );
  if (lags.some(Number.isNaN)) return { unknown: 'a secondary does not say how far it is' };
  return Math.max(0, ...lags);
}

async function askLag({ client }: Store): Promise<Told> {
  const admin = client.db('admin');
  let members: Document[];
  try {
    members = (await admin.command({ replSetGetStatus: 1 }))['members'] ?? [];
  } catch (error) {
    if (hasCode(error, noReplication)) return 0;
    throw error;
  }
  const lag = slowestLag(members);
  if (lag === 0 || typeof lag === 'object') return lag;
  // Who may not see the configuration takes a delay for a lag.
  const { config } = await admin.command({ replSetGetConfig: 1 }).catch((): Document => ({}));
  return slowestLag(members, configuredDelays(config?.members ?? []));
}

function configuredDelays(members: readonly Document[]): Map<number, number> {
  return new Map(
    members.map(({ _id, secondaryDelaySecs, slaveDelay }) => [Number(_id), Number(secondaryDelaySecs ?? slaveDelay ?? 0) * 1000]),
  );
}

async function askLoad({ client }: Store): Promise<Told> {
  const comment = `polyshift pressure ${randomUUID()}`;
  const operations = await client
    .db('admin')
    .aggregate([{ $currentOp: { allUsers: true, idleConnections: false } }], { comment })
    .toArray();
  return countOthers(operations, comment);
}

/** What the user may not see, or the server does not know, is not known; a server that is away is an error. */
async function told(ask: () => Promise<Told>): Promise<Told> {
  try {
    return await ask();
  } catch (error) {
    if (classify(error).retryable) throw error;
    return { unknown: hasCode(error, notAuthorized) ? grant : (error as Error).message };
  }
}
