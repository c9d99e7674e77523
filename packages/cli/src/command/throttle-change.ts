import { measureThrottle, PolyshiftError, type StoreSession, type ThrottleSettings } from '@polyshift/core';
import { dayMs, readDuration } from './duration.ts';

/** The flags of `polyshift throttle` that change something. */
export interface ThrottleFlags {
  readonly pause: string | undefined;
  readonly maxLag: string | undefined;
  readonly maxLoad: string | undefined;
  readonly query: string | undefined;
  readonly hold: boolean;
  readonly go: boolean;
  readonly clear: boolean;
}

/** What the flags change; nothing where there are none. Throws USAGE where one has a bad value, or two exclude each other. */
export function changeOf(flags: ThrottleFlags): ThrottleSettings {
  const change: ThrottleSettings = {
    ...(flags.hold || flags.go ? { paused: !flags.go } : {}),
    ...(flags.pause === undefined ? {} : { pause_ms: milliseconds('--pause', flags.pause, dayMs) }),
    ...(flags.maxLag === undefined
      ? {}
      : { max_replica_lag_ms: orNone(flags.maxLag, (text) => milliseconds('--max-lag', text)) }),
    ...(flags.maxLoad === undefined ? {} : { max_load: orNone(flags.maxLoad, load) }),
    ...(flags.query === undefined ? {} : { query: orNone(flags.query, query) }),
  };
  if (flags.hold && flags.go) throw misuse('--hold and --go exclude each other', '--hold', 'Give one of them.');
  if (flags.clear && Object.keys(change).length > 0) {
    throw misuse(
      '--clear forgets everything, and goes with no other limit',
      '--clear',
      'Clear first, then set what is to count.',
    );
  }
  return change;
}

/**
 * Refuses limits that a run could never find to be kept, so that it would wait for ever: the store does not tell what they are about, or does not run the query.
 * Throws USAGE with the reason.
 */
export async function refuseUnmeasurable(session: StoreSession, change: ThrottleSettings): Promise<void> {
  const { pressure, query } = await measureThrottle(session, { settings: change });
  const limits = [
    ['--max-lag', change.max_replica_lag_ms, pressure?.replica_lag_ms, pressure?.unknown?.replica_lag_ms],
    ['--max-load', change.max_load, pressure?.load, pressure?.unknown?.load],
  ] as const;
  for (const [flag, limit, measured, why] of limits) {
    if (typeof limit !== 'number' || typeof measured === 'number') continue;
    throw misuse(
      `${flag} has nothing to go by on this store: ${why ?? 'nobody knows it'}`,
      flag,
      'Set --query in its place: any query of the store can say when to wait.',
    );
  }
  if (query && 'failed' in query) {
    throw misuse(`--query fails: ${query.failed}`, '--query', 'Write one query that only reads and gives one value.');
  }
}

function milliseconds(flag: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Math.round(readDuration(text, ['ms', 's', 'm', 'h']) ?? Number.NaN);
  if (value <= most) return value;
  throw misuse(
    `${flag} takes a number with a unit${most === dayMs ? ', a day at most' : ' or none'}, not "${text}"`,
    flag,
    'Write milliseconds, seconds, minutes or hours: 200ms, 5s, 2m, 1h.',
  );
}

function load(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw misuse(`--max-load takes a number from 0 or none, not "${text}"`, '--max-load', 'Write how many statements: 20.');
}

function query(text: string): string {
  if (text.trim() !== '') return text;
  throw misuse('--query takes a query or none, not an empty text', '--query', 'Write one query that gives one value.');
}

function orNone<Value>(text: string, read: (text: string) => Value): Value | null {
  return text.trim() === 'none' ? null : read(text);
}

function misuse(message: string, flag: string, hint: string): PolyshiftError {
  return new PolyshiftError('USAGE', message, { place: { path: flag }, hint });
}
