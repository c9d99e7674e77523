import type { Pressure } from '@polyshift/core';
import type { Database } from './database.ts';

interface Row {
  load: number;
  hidden_sessions: boolean;
  lag_ms: string;
  hidden_replicas: boolean;
}

// Sessions of other roles are there without their state for users who may not see it. Processes of the server itself have no database or no role.
const statement = `
  SELECT a.load, a.hidden_sessions, r.lag_ms, r.hidden_replicas FROM
    (SELECT (count(*) FILTER (WHERE backend_type = 'client backend' AND state IN ('active', 'fastpath function call')))::int AS load,
        count(*) FILTER (WHERE state IS NULL AND query = '<insufficient privilege>' AND datid IS NOT NULL AND usesysid IS NOT NULL) > 0 AS hidden_sessions
      FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND pid <> ALL ($1::int[])) AS a,
    (SELECT round(coalesce(extract(epoch FROM max(replay_lag)) * 1000, 0)::numeric)::text AS lag_ms,
        count(*) FILTER (WHERE state IS NULL) > 0 AS hidden_replicas
      FROM pg_stat_replication) AS r`;

const grant = 'the user may not see it: GRANT pg_read_all_stats TO the user of the URL';

/**
 * Sessions of others on the whole server that run a statement, and how long ago the slowest connected standby had replayed what it replays now. A standby that has caught up
 * while nothing is written has no lag.
 */
export async function pressure(database: Database): Promise<Pressure> {
  const row = (await database.row<Row & Record<string, unknown>>(statement, [database.processes]))!;
  const unknown = {
    ...(row.hidden_replicas ? { replica_lag_ms: grant } : {}),
    ...(row.hidden_sessions ? { load: grant } : {}),
  };
  return {
    replica_lag_ms: row.hidden_replicas ? null : Math.max(0, Number(row.lag_ms)),
    load: row.hidden_sessions ? null : row.load,
    ...(Object.keys(unknown).length > 0 ? { unknown } : {}),
  };
}
