import { PolyshiftError, type RunContext } from '@polyshift/core';
import type { Store } from '../store.ts';

/** Milliseconds between two looks, from the first to the last. */
const pauses = [10, 20, 50, 100, 200, 500, 1000];

/** What ends the waiting: a run that is to stop. How often is looked depends on the time, so that looks are no places where a run may be killed. */
export type Waiting = Pick<RunContext, 'signal' | 'guard'>;

/** What every node builds by itself: its name, and where the node lists it once it is built. */
interface Build {
  readonly name: string;
  readonly list: string;
}

/** The building of an index. */
export const indexBuild = (name: string): Build => ({
  name,
  list: 'SELECT index_name FROM system."IndexInfo" WHERE table_name = ? AND index_name = ?',
});

/** The building of a materialized view. */
export const viewBuild = (name: string): Build => ({
  name,
  list: 'SELECT view_name FROM system.built_views WHERE keyspace_name = ? AND view_name = ?',
});

/** Waits until every node has built it. Throws what `guard` throws once the run is to stop. */
export async function untilBuilt(store: Store, build: Build, run: Waiting): Promise<void> {
  for (let look = 0; !(await isBuilt(store, build)); look++) {
    if (run.signal.aborted) await run.guard();
    await new Promise((resolve) => setTimeout(resolve, pauses[Math.min(look, pauses.length - 1)]));
  }
}

/** Whether every node that is up has built its part: each lists by itself what it has built. */
export async function isBuilt(store: Store, { name, list }: Build): Promise<boolean> {
  const nodes = store.client.hosts.values().filter((host) => host.isUp());
  if (nodes.length === 0)
    throw new PolyshiftError('CONNECTION_LOST', 'no node of the cluster can be reached', { retryable: true });
  const values = [store.keyspace, name];
  const lists = await Promise.all(nodes.map((host) => store.client.execute(list, values, { prepare: true, host })));
  return lists.every(({ rowLength }) => rowLength > 0);
}
