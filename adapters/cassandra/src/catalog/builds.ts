import { PolyshiftError } from '@polyshift/core';
import type { Store } from '../store.ts';

/** Milliseconds between two looks, from the first to the last. */
const pauses = [10, 20, 50, 100, 200, 500, 1000];

/** Waits until every node has built an index, calling `wait` between two looks: it throws what ends the waiting. */
export function indexBuilt(store: Store, name: string, wait: () => Promise<void>): Promise<void> {
  const cql = 'SELECT index_name FROM system."IndexInfo" WHERE table_name = ? AND index_name = ?';
  return built(store, cql, [store.keyspace, name], wait);
}

/** The same for a materialized view. */
export function viewBuilt(store: Store, name: string, wait: () => Promise<void>): Promise<void> {
  const cql = 'SELECT view_name FROM system.built_views WHERE keyspace_name = ? AND view_name = ?';
  return built(store, cql, [store.keyspace, name], wait);
}

/** Each node builds its part, and lists by itself what it has built. */
async function built(store: Store, cql: string, values: readonly string[], wait: () => Promise<void>): Promise<void> {
  for (let look = 0; ; look++) {
    const nodes = store.client.hosts.values().filter((host) => host.isUp());
    if (nodes.length === 0)
      throw new PolyshiftError('CONNECTION_LOST', 'no node of the cluster can be reached', { retryable: true });
    const lists = await Promise.all(nodes.map((host) => store.client.execute(cql, [...values], { prepare: true, host })));
    if (lists.every(({ rowLength }) => rowLength > 0)) return;
    await wait();
    await new Promise((resolve) => setTimeout(resolve, pauses[Math.min(look, pauses.length - 1)]));
  }
}
