import { PolyshiftError, type RunContext } from '@polyshift/core';
import type { Store } from '../store.ts';

/** Milliseconds between two looks, from the first to the last. */
const pauses = [10, 20, 50, 100, 200, 500, 1000];

/** What ends the waiting: a run that is to stop. How often is looked depends on the time, so that looks are no places where a run may be killed. */
export type Waiting = Pick<RunContext, 'signal' | 'guard'>;

/** Waits until every node has built an index. Throws what `guard` throws once the run is to stop. */
export function indexBuilt(store: Store, name: string, run: Waiting): Promise<void> {
  const cql = 'SELECT index_name FROM system."IndexInfo" WHERE table_name = ? AND index_name = ?';
  return built(store, cql, [store.keyspace, name], run);
}

/** The same for a materialized view. */
export function viewBuilt(store: Store, name: string, run: Waiting): Promise<void> {
  const cql = 'SELECT view_name FROM system.built_views WHERE keyspace_name = ? AND view_name = ?';
  return built(store, cql, [store.keyspace, name], run);
}

/** Each node builds its part, and lists by itself what it has built. */
async function built(store: Store, cql: string, values: readonly string[], run: Waiting): Promise<void> {
  for (let look = 0; ; look++) {
    const nodes = store.client.hosts.values().filter((host) => host.isUp());
    if (nodes.length === 0)
      throw new PolyshiftError('CONNECTION_LOST', 'no node of the cluster can be reached', { retryable: true });
    const lists = await Promise.all(nodes.map((host) => store.client.execute(cql, [...values], { prepare: true, host })));
    if (lists.every(({ rowLength }) => rowLength > 0)) return;
    if (run.signal.aborted) await run.guard();
    await new Promise((resolve) => setTimeout(resolve, pauses[Math.min(look, pauses.length - 1)]));
  }
}
