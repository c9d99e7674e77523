import type { JsonValue, Operation } from '@polyshift/core';
import { ownValue, PolyshiftError } from '@polyshift/core';
import { type ColumnOf, compileConditions } from '../conditions.ts';
import { literal, quote } from '../identifiers.ts';
import { inlineLiterals } from '../parameters.ts';

/** The statement of an index in its parts. */
export interface IndexDefinition {
  readonly name: string;
  readonly unique: boolean;
  /** Everything behind the name of the table. */
  readonly rest: string;
  /** The columns of the key, quoted. */
  readonly keys: readonly string[];
  /** Which rows are in the index; undefined: all. */
  readonly where: string | undefined;
  readonly nullsDistinct: boolean;
}

/** Compiles create_index. Throws UNSUPPORTED_OPERATION for what only other stores have, UNKNOWN_FIELD for missing columns. */
export function compileIndex(data: Operation<'create_index'>['data'], columnOf: ColumnOf): IndexDefinition {
  if (data.expire_after_seconds !== undefined) throw unsupported('expire_after_seconds', 'Delete old rows by a job.');
  if (data.hidden) throw unsupported('hidden', 'Leave it out: PostgreSQL has no hidden indexes.');
  const entries = Object.entries(data.keys);
  const hashed = entries.some(([, direction]) => direction === 'hashed');
  if (hashed && (entries.length > 1 || data.unique))
    throw unsupported('a hashed key beside others, or unique', 'Use a plain index.');
  const method = data.method ?? (hashed ? 'hash' : 'btree');
  if (!/^[a-z][a-z0-9_]*$/.test(method)) throw unsupported(`the method ${method}`, 'Use btree, hash, gin, gist, brin or spgist.');
  const options = new Map(Object.entries(data.options ?? {}));
  const take = (name: string): JsonValue | undefined => {
    const value = options.get(name);
    options.delete(name);
    return value;
  };
  const opclass = (take('opclass') ?? {}) as Record<string, string>;
  const nullsDistinct = take('nulls_distinct') !== false;
  const tablespace = take('tablespace');
  const keys = entries.map(([field]) => quote(columnOf(field).name));
  const parts = entries.map(([field, direction], index) => {
    if (typeof direction === 'string' && direction !== 'hashed') {
      throw unsupported(`a key of kind ${direction}`, 'Use method gin or gist, or an index on an expression by run_sql.');
    }
    const ownClass = ownValue(opclass, field);
    const operators = ownClass === undefined ? '' : ` ${ownClass.split('.').map(quote).join('.')}`;
    return `${keys[index]}${operators}${direction === -1 ? ' DESC' : ''}`;
  });
  const include = (data.include ?? []).map((field) => quote(columnOf(field).name));
  const terms = [
    ...(data.sparse ? keys.map((key) => `${key} IS NOT NULL`) : []),
    ...(data.where && Object.keys(data.where).length > 0 ? [compileConditions(data.where, columnOf, inlineLiterals)] : []),
  ];
  const where = terms.length === 0 ? undefined : terms.map((term) => `(${term})`).join(' AND ');
  const settings = [...options].map(
    ([name, value]) => `${quote(name)} = ${literal(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
  );
  const rest = [
    `USING ${method} (${parts.join(', ')})`,
    ...(include.length > 0 ? [`INCLUDE (${include.join(', ')})`] : []),
    ...(nullsDistinct ? [] : ['NULLS NOT DISTINCT']),
    ...(settings.length > 0 ? [`WITH (${settings.join(', ')})`] : []),
    ...(typeof tablespace === 'string' ? [`TABLESPACE ${quote(tablespace)}`] : []),
    ...(where === undefined ? [] : [`WHERE ${where}`]),
  ].join(' ');
  return { name: data.name, unique: data.unique, rest, keys, where, nullsDistinct };
}

/** The statement that builds the index. */
export function createStatement(
  definition: IndexDefinition,
  table: string,
  concurrently: boolean,
  name = definition.name,
): string {
  return `CREATE ${definition.unique ? 'UNIQUE ' : ''}INDEX ${concurrently ? 'CONCURRENTLY ' : ''}${quote(name)} ON ${table} ${definition.rest}`;
}

function unsupported(what: string, hint: string): PolyshiftError {
  return new PolyshiftError('UNSUPPORTED_OPERATION', `PostgreSQL does not carry ${what} in create_index.`, { hint });
}
