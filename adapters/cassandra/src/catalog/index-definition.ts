import type { JsonObject } from '@polyshift/core';
import { literal, quoted } from '../cql/identifier.ts';

/** An index as the store describes it. */
export interface IndexDefinition {
  readonly name: string;
  /** What it is over, in CQL: `"email"`, `keys(tags)`. */
  readonly target: string;
  /** The class or the name of the implementation: `sai`; undefined for the store's own secondary index. */
  readonly method?: string | undefined;
  readonly options: Readonly<Record<string, string>>;
}

/** The indexes in rows of the store's schema, by name. */
export function indexesOf(rows: readonly Readonly<Record<string, unknown>>[]): IndexDefinition[] {
  return rows
    .map((row) => {
      const { target = '', class_name, ...options } = Object.fromEntries((row['options'] as Map<string, string> | null) ?? []);
      return { name: String(row['index_name']), target, method: methodOf(class_name), options };
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Storage-attached indexes are listed under the name of their class, or `sai`, by the version of the server. */
function methodOf(className: string | undefined): string | undefined {
  return className === undefined ? undefined : /^(?:.*\.)?(?:sai|StorageAttachedIndex)$/i.test(className) ? 'sai' : className;
}

/** The statement that builds an index. */
export function indexText(table: string, index: IndexDefinition): string {
  const custom = index.method === undefined ? '' : ' CUSTOM';
  const using =
    index.method === undefined ? '' : ` USING ${literal(index.method === 'sai' ? 'StorageAttachedIndex' : index.method)}`;
  const options = Object.entries(index.options)
    .map(([name, value]) => `${literal(name)}: ${literal(value)}`)
    .join(', ');
  return `CREATE${custom} INDEX IF NOT EXISTS ${quoted(index.name)} ON ${table} (${index.target})${using}${options && ` WITH OPTIONS = {${options}}`}`;
}

/** The column that an index is over. */
export function indexedColumn(index: IndexDefinition): string {
  const inner = /^(?:keys|values|entries|full)\((.*)\)$/i.exec(index.target)?.[1] ?? index.target;
  return inner.startsWith('"') ? inner.slice(1, -1).replaceAll('""', '"') : inner;
}

/** The index over another column, its form over collections kept. */
export function overColumn(index: IndexDefinition, column: string): IndexDefinition {
  const form = /^(keys|values|entries|full)\(/i.exec(index.target)?.[1];
  return { ...index, target: form ? `${form}(${quoted(column)})` : quoted(column) };
}

/** The definition as JSON without the name, the same for equal indexes: `email` and `"email"` are. */
export function indexJson(index: IndexDefinition): JsonObject {
  const form = /^(keys|values|entries|full)\(/i.exec(index.target)?.[1]?.toLowerCase() ?? null;
  const options = Object.fromEntries(Object.entries(index.options).sort());
  return { column: indexedColumn(index), form, method: index.method ?? null, options };
}

/** The way back from {@link indexJson}. */
export function indexFromJson(name: string, json: JsonObject): IndexDefinition {
  const { column, form, method, options } = json as {
    column: string;
    form: string | null;
    method: string | null;
    options: Record<string, string>;
  };
  return { name, target: form ? `${form}(${quoted(column)})` : quoted(column), method: method ?? undefined, options };
}
