import { isPolyshiftError, type Pressure } from '@polyshift/core';
import type { Database } from './database.ts';

/** How the connected replicas are listed: in today's words, in those of MariaDB, and as it was said before. */
const listings = ['SHOW REPLICAS', 'SHOW REPLICA HOSTS', 'SHOW SLAVE HOSTS'];

/**
 * `Threads_running` of the server without the statement that asks. A server does not know how far its replicas are, only whether it has any: without, there is no lag.
 */
export async function pressure(database: Database): Promise<Pressure> {
  const row = await database.row<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Threads_running'");
  const load = Math.max(0, Number(row!.Value) - 1);
  const unknown = await whyLagUnknown(database);
  return { replica_lag_ms: unknown === undefined ? 0 : null, load, ...(unknown ? { unknown: { replica_lag_ms: unknown } } : {}) };
}

async function whyLagUnknown(database: Database): Promise<string | undefined> {
  for (const listing of listings) {
    try {
      const replicas = await database.rows(listing);
      if (replicas.length === 0) return undefined;
      const [count, whose] = replicas.length === 1 ? ['1 replica', 'its'] : [`${replicas.length} replicas`, 'their'];
      return `the server has ${count}, and does not know ${whose} lag`;
    } catch (error) {
      if (isPolyshiftError(error, 'INVALID_SYNTAX')) continue;
      if (!isPolyshiftError(error, 'PERMISSION_DENIED')) throw error;
      return 'the user may not see whether the server has replicas: GRANT REPLICATION SLAVE (on MariaDB REPLICATION MASTER ADMIN)';
    }
  }
  return 'the server does not tell whether it has replicas';
}
