import { createHash } from 'node:crypto';
import type { JsonValue, Operation } from '@polyshift/core';
import { ownValue, PolyshiftError } from '@polyshift/core';
import { keyColumnPrefix } from '../catalog/table.ts';
import { type ComparableColumn, sqlColumn } from '../comparable.ts';
import { type ColumnOf, compileConditions } from '../conditions.ts';
import { cutIdentifier, literal, quote } from '../identifiers.ts';
import type { Dialect } from '../server-features.ts';
import { typeParts } from '../types.ts';

/** A column that is computed for an index, behind its name. */
export interface HelperColumn {
  readonly name: string;
  readonly definition: string;
}

/** An index as it is to be built. */
export interface IndexDefinition {
  readonly name: string;
  readonly unique: boolean;
  /** What MySQL cannot index by itself: the rows of a condition, and long texts as unique keys. */
  readonly helpers: readonly HelperColumn[];
  /** Behind ADD. */
  readonly sql: string;
  /** What no two rows may have in common, as SQL over the row; nulls are never equal. */
  readonly keys: readonly string[];
  readonly fields: readonly string[];
  /** Which rows are in the index; undefined: all. */
  readonly where: string | undefined;
}

/** Characters of a long text that a plain index holds, where the document does not say. */
const prefixLength = 255;

/** Compiles create_index. Throws UNSUPPORTED_OPERATION for what only other stores have, UNKNOWN_FIELD for missing columns. */
export function compileIndex(data: Operation<'create_index'>['data'], columnOf: ColumnOf, dialect: Dialect): IndexDefinition {
  refuseOthers(data, dialect);
  const options = new Map(Object.entries(data.options ?? {}));
  const take = (name: string): JsonValue | undefined => {
    const value = options.get(name);
    options.delete(name);
    return value;
  };
  const lengths = (take('length') ?? {}) as Record<string, number>;
  const [parser, comment] = [take('parser'), take('comment')];
  const [unknown] = options.keys();
  if (unknown !== undefined) throw unsupported(`the option ${unknown}`, 'Known are length, parser and comment.');
  const where = data.where && Object.keys(data.where).length > 0 ? compileConditions(data.where, columnOf) : undefined;
  const kind = specialKind(data.keys);
  const helpers: HelperColumn[] = [];
  const keys: string[] = [];
  const parts = Object.entries(data.keys).map(([field, direction], index) => {
    const column = columnOf(field);
    const length = ownValue(lengths, field);
    const condition = index === 0 ? where : undefined;
    const hashed = data.unique && length === undefined && isLong(column);
    const name = quote(column.name);
    keys.push(hashed ? `SHA2(${name}, 256)` : length === undefined ? name : `LEFT(${name}, ${Number(length)})`);
    const desc = direction === -1 ? ' DESC' : '';
    if (kind !== undefined) return name;
    if (hashed || condition !== undefined) {
      const helper = helperColumn(column, helperName(data.name, index), { hashed, condition, length });
      helpers.push(helper);
      return `${quote(helper.name)}${desc}`;
    }
    const prefix = length ?? (isLong(column) ? prefixLength : undefined);
    return `${name}${prefix === undefined ? '' : `(${Number(prefix)})`}${desc}`;
  });
  const sql = [
    `${kind ?? (data.unique ? 'UNIQUE' : '')} KEY ${quote(data.name)} (${parts.join(', ')})`.trim(),
    ...(data.method === undefined ? [] : [`USING ${data.method.toUpperCase()}`]),
    ...(typeof parser === 'string' ? [`WITH PARSER ${quote(parser)}`] : []),
    ...(typeof comment === 'string' ? [`COMMENT ${literal(comment)}`] : []),
    ...(data.hidden ? [dialect.hiddenIndex!] : []),
  ].join(' ');
  return { name: data.name, unique: data.unique, helpers, sql, keys, fields: Object.keys(data.keys), where };
}

/** A unique key over whole columns, as a constraint adds it. */
export function compileUnique(name: string, fields: readonly string[], columnOf: ColumnOf, dialect: Dialect): IndexDefinition {
  const keys = Object.fromEntries(fields.map((field) => [field, 1 as const]));
  return compileIndex({ name, keys, unique: true, sparse: false, hidden: false }, columnOf, dialect);
}

function helperColumn(
  column: ComparableColumn,
  name: string,
  { hashed, condition, length }: { hashed: boolean; condition: string | undefined; length: number | undefined },
): HelperColumn {
  const { native } = sqlColumn(column);
  const source = quote(column.name);
  const long = isLong(column);
  const size = Number(length ?? prefixLength);
  const value = hashed ? `SHA2(${source}, 256)` : long || length !== undefined ? `LEFT(${source}, ${size})` : source;
  const expression = condition === undefined ? value : `CASE WHEN ${condition} THEN ${value} END`;
  const collation = (column as { collation?: string | undefined }).collation;
  const charset = collation === undefined ? '' : ` CHARACTER SET ${collation.split('_')[0]} COLLATE ${collation}`;
  const bytes = /blob|binary/.test(native);
  const type = hashed
    ? 'char(64) CHARACTER SET ascii COLLATE ascii_bin'
    : long || length !== undefined
      ? bytes
        ? `varbinary(${size})`
        : `varchar(${size})${charset}`
      : `${native}${charset}`;
  return { name, definition: `${type} GENERATED ALWAYS AS (${expression}) VIRTUAL INVISIBLE` };
}

function helperName(index: string, position: number): string {
  const full = `${keyColumnPrefix}${position + 1}_${index}`;
  if ([...full].length <= 64) return full;
  return `${cutIdentifier(full, 48)}_${createHash('sha256').update(full).digest('hex').slice(0, 12)}`;
}

/** Whether the values of a column can be longer than an index entry. */
function isLong(column: ComparableColumn): boolean {
  const { word, numbers } = typeParts(sqlColumn(column).native);
  if (/text$|blob$/.test(word)) return true;
  return (word === 'varchar' && (numbers[0] ?? 0) > 768) || (word === 'varbinary' && (numbers[0] ?? 0) > 3072);
}

function specialKind(keys: Operation<'create_index'>['data']['keys']): 'FULLTEXT' | 'SPATIAL' | undefined {
  const directions = Object.values(keys);
  if (directions.every((each) => each === 'text')) return 'FULLTEXT';
  if (directions.every((each) => each === '2dsphere' || each === '2d')) return 'SPATIAL';
  const special = directions.find((each) => typeof each === 'string');
  if (special === undefined) return undefined;
  throw unsupported(`a key of kind ${special}${special === 'hashed' ? '' : ' beside others'}`, 'Use a plain index.');
}

function refuseOthers(data: Operation<'create_index'>['data'], dialect: Dialect): void {
  if (data.expire_after_seconds !== undefined) throw unsupported('expire_after_seconds', 'Delete old rows by an event or a job.');
  if (data.include && data.include.length > 0) throw unsupported('include', 'Add the columns to the keys.');
  if (data.method !== undefined && !/^(btree|hash)$/i.test(data.method))
    throw unsupported(`the method ${data.method}`, 'Use btree or hash.');
  if (data.hidden && dialect.hiddenIndex === undefined) throw unsupported('hidden', 'This server has no hidden indexes.');
}

function unsupported(what: string, hint: string): PolyshiftError {
  return new PolyshiftError('UNSUPPORTED_OPERATION', `MySQL does not carry ${what} in create_index.`, { hint });
}
