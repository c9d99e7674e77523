import type { StoreSession } from '../adapter/adapter.ts';
import { isPolyshiftError } from '../errors/polyshift-error.ts';
import type { JsonValue } from '../value/json.ts';
import { throttleVariable } from './from-environment.ts';
import type { ThrottleInForce } from './in-force.ts';
import type { Pressure } from './pressure.ts';

/** What is asked of a store. */
export type MeasuredSession = Pick<StoreSession, 'pressure' | 'query' | 'server'>;

/** What was found out about a store; what was not asked for is missing. */
export interface ThrottleMeasurement {
  readonly pressure?: Pressure | undefined;
  /** What the query of the user has given, or why it failed. */
  readonly query?: { readonly value: JsonValue } | { readonly failed: string } | undefined;
}

/**
 * Asks the store as much as the limits need; all that it tells of itself where `all` is set. Throws only where the store is away: what it cannot tell is part of the
 * result.
 */
export async function measureThrottle(
  session: MeasuredSession,
  { settings }: Pick<ThrottleInForce, 'settings'>,
  all = false,
): Promise<ThrottleMeasurement> {
  const { max_load, max_replica_lag_ms, query } = settings;
  const asked = all || max_load !== undefined || max_replica_lag_ms !== undefined;
  return {
    ...(asked ? { pressure: await pressureOf(session) } : {}),
    ...(query ? { query: await answerOf(session, query) } : {}),
  };
}

/** Why a run waits, whatever the store is like: it is held, or nobody can tell what its limits are. */
export function whyHeld(inForce: ThrottleInForce): string | undefined {
  const { settings, from, problem } = inForce;
  return problem ?? (settings.paused ? `held by ${holderOf(inForce, from.paused)}` : undefined);
}

/** Why a run waits, in a few words; undefined where it goes on. */
export function whyWaiting(inForce: ThrottleInForce, { pressure, query }: ThrottleMeasurement): string | undefined {
  const held = whyHeld(inForce);
  if (held !== undefined) return held;
  const { max_load: most, max_replica_lag_ms: longest } = inForce.settings;
  if (typeof longest === 'number') {
    const lag = pressure?.replica_lag_ms ?? null;
    if (lag === null)
      return `the replica lag is limited, and cannot be told: ${pressure?.unknown?.replica_lag_ms ?? 'nobody knows it'}`;
    if (lag > longest) return `replica lag ${secondsText(lag, true)} > ${secondsText(longest)}`;
  }
  if (typeof most === 'number') {
    const load = pressure?.load ?? null;
    if (load === null) return `the load is limited, and cannot be told: ${pressure?.unknown?.load ?? 'nobody knows it'}`;
    if (load > most) return `load ${load} > ${most}`;
  }
  if (query && 'failed' in query) return `the query fails: ${query.failed}`;
  if (query && saysWait(query.value)) return `the query gives ${JSON.stringify(query.value)}`;
  return undefined;
}

/** Whether the first value of the query of a user says that the run is to wait: true, a number other than 0, or not empty. */
export function saysWait(value: JsonValue): boolean {
  if (value === null || typeof value === 'boolean') return value === true;
  if (typeof value === 'number') return value !== 0;
  // A count may come as text, where a number could not hold all of them.
  if (typeof value === 'string') return value.trim() !== '' && Number(value) !== 0;
  return Object.keys(value).length > 0;
}

function holderOf({ file }: ThrottleInForce, source: ThrottleInForce['from']['paused']): string {
  if (source === 'journal') return '`polyshift throttle --hold`';
  if (source === 'file') return file ?? 'the file';
  return source === 'environment' ? throttleVariable('paused') : 'the configuration';
}

async function pressureOf(session: MeasuredSession): Promise<Pressure> {
  const unknown = (why: string): Pressure => ({
    replica_lag_ms: null,
    load: null,
    unknown: { replica_lag_ms: why, load: why },
  });
  if (!session.pressure) return unknown(`${session.server.product} does not tell`);
  try {
    return await session.pressure();
  } catch (error) {
    if (isAway(error)) throw error;
    return unknown((error as Error).message);
  }
}

async function answerOf(session: MeasuredSession, query: string): Promise<ThrottleMeasurement['query']> {
  if (!session.query) return { failed: `${session.server.product} has no query language` };
  try {
    return { value: await session.query(query) };
  } catch (error) {
    return { failed: (error as Error).message };
  }
}

function isAway(error: unknown): boolean {
  return isPolyshiftError(error) && (error.retryable || error.exit === 3);
}

function secondsText(ms: number, tenths = false): string {
  return `${tenths ? (ms / 1000).toFixed(1) : ms / 1000} s`;
}
