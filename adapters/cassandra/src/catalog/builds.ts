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

const indexBuild = (name: string): Build => ({
  name,
  list: 'SELECT index_name FROM system."IndexInfo" WHERE table_name = ? AND index_name = ?',
});

const viewBuild = (name: string): Build => ({
  name,
  list: 'SELECT view_name FROM system.built_views WHERE keyspace_name = ? AND view_name = ?',
});

/** Waits until every node has built an index. Throws what `guard` throws once the run is to stop. */
export function indexBuilt(store: Store, name: string, run: Waiting): Promise<void> {
  return built(store, indexBuild(name), run);
}

/** The same for a materialized view. */
export function viewBuilt(store: Store, name: string, run: Waiting): Promise<void> {
  return built(store, viewBuild(name), run);
}

/** Whether every node that is up has built an index. */
export function isIndexBuilt(store: Store, name: string): Promise<boolean> {
  return isBuilt(store, indexBuild(name));
}

/** The same for a materialized view. */
export function isViewBuilt(store: Store, name: string): Promise<boolean> {
  return isBuilt(store, viewBuild(name));
}

async function built(store: Store, build: Build, run: Waiting): Promise<void> {
  for (let look = 0; !(await isBuilt(store, build)); look++) {
    if (run.signal.aborted) await run.guard();
    await new Promise((resolve) => setTimeout(resolve, pauses[Math.min(look, pauses.length - 1)]));
  }
}

/** Each node builds its part, and lists by itself what it has built. */
async function isBuilt(store: Store, { name, list }: Build): Promise<boolean> {
  const nodes = store.client.hosts.values().filter((host) => host.isUp());
  if (nodes.length === 0)
    throw new PolyshiftError('CONNECTION_LOST', 'no node of the cluster can be reached', { retryable: true });
  const values = [store.keyspace, name];
  const lists = await Promise.all(nodes.map((host) => store.client.execute(list, values, { prepare: true, host })));
  return lists.every(({ rowLength }) => rowLength > 0);
}
