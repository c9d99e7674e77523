import type { JsonObject, JsonValue } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { literal } from '../cql/identifier.ts';

/** Options of a table by name, as the store gives them: numbers, booleans, texts, and maps of texts. */
export type TableOptions = Readonly<Record<string, JsonValue>>;

/** The options that tables and views can be given. What a server does not have, it does not list. */
export const optionNames = [
  'additional_write_policy',
  'allow_auto_snapshot',
  'bloom_filter_fp_chance',
  'caching',
  'cdc',
  'comment',
  'compaction',
  'compression',
  'crc_check_chance',
  'default_time_to_live',
  'gc_grace_seconds',
  'incremental_backups',
  'max_index_interval',
  'memtable',
  'memtable_flush_period_in_ms',
  'min_index_interval',
  'read_repair',
  'speculative_retry',
] as const;

/** Defaults of every cluster; those of the others are set for a cluster as a whole. */
export const optionDefaults: Readonly<Record<string, JsonValue>> = {
  allow_auto_snapshot: true,
  cdc: false,
  comment: '',
  crc_check_chance: 1,
  default_time_to_live: 0,
  gc_grace_seconds: 864_000,
  incremental_backups: true,
  max_index_interval: 2048,
  memtable: 'default',
  memtable_flush_period_in_ms: 0,
  min_index_interval: 128,
};

/** Options that the store lists no value of until they are set: their default is the same as none. */
const unlisted: ReadonlySet<string> = new Set(['allow_auto_snapshot', 'cdc', 'incremental_backups', 'memtable']);

/** The options of a table in a row of the store's schema; null is what the server decides. */
export function optionsOf(row: Readonly<Record<string, unknown>>): TableOptions {
  const options: Record<string, JsonValue> = {};
  for (const name of optionNames) {
    const value = row[name];
    if (value === null || value === undefined || (unlisted.has(name) && value === optionDefaults[name])) continue;
    options[name] = value instanceof Map ? (Object.fromEntries([...value].sort()) as JsonObject) : (value as JsonValue);
  }
  return options;
}

/** Options as the WITH of a statement takes them, joined by AND. Throws INVALID_DOCUMENT for a name that is no option. */
export function optionsText(options: Readonly<Record<string, JsonValue>>): string {
  return Object.entries(options)
    .map(([name, value]) => {
      if (!(optionNames as readonly string[]).includes(name)) {
        throw new PolyshiftError('INVALID_DOCUMENT', `Cassandra has no table option ${name}`, {
          place: { path: `data.options.${name}` },
          hint: `Options are ${optionNames.join(', ')}.`,
        });
      }
      return `${name} = ${optionText(value)}`;
    })
    .join(' AND ');
}

function optionText(value: JsonValue): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${literal(name)}: ${literal(String(inner))}`)
      .join(', ')}}`;
  }
  return typeof value === 'string' ? literal(value) : String(value);
}
