import type { JsonObject, Operation } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { isWritable, requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import { jsonToLiteral } from '../comparable.ts';
import { type ColumnOf, compileConditions } from '../conditions.ts';
import { compilePipeline } from '../expressions/pipeline.ts';
import { quote } from '../identifiers.ts';
import { tokenize, unquote } from '../sql-tokens.ts';
import type { MappedColumn, Mapping, Way } from './mapping.ts';
import { keyAlias } from './names.ts';
import { changesOf } from './parts.ts';

/** A column of the version as it is between two operations. */
interface StageColumn {
  readonly name: string;
  readonly from: string | null;
  readonly sources: readonly string[];
  /** Nothing but its name and type has changed. */
  readonly plain: boolean;
  /** False for a new column without a value of its own: the store gives its default. */
  readonly given: boolean;
}

/** Follows the columns through the operations, one after the other, and keeps what they do to rows. */
export class MappingBuilder {
  private readonly old: Table;
  private columns: StageColumn[];
  private readonly layers: string[][] = [];
  /** Columns whose type has changed since the last layer that reads values: with the type that they have now. */
  private readonly retyped = new Map<string, string>();

  constructor(old: Table) {
    this.old = old;
    this.columns = old.columns.map(({ name }) => ({ name, from: name, sources: [name], plain: true, given: true }));
  }

  /** Takes in an operation. `before` and `after`: the new version, still empty, before and after it. */
  add(operation: Operation, before: Table, after: Table): void {
    if (operation.type === 'rename_field') this.rename(operation.data.old_name, operation.data.new_name);
    if (operation.type === 'remove_field') this.replace(this.columns.filter(({ name }) => name !== operation.data.field_name));
    if (operation.type === 'add_field') this.addField(operation, after);
    if (operation.type === 'change_type') this.changeType(operation, after);
    if (operation.type === 'migrate_data') this.migrate(operation, before);
  }

  /** The mapping, now that all operations are in. Throws ONLINE_REFUSED where rows cannot be told apart by the same key in both versions. */
  build(operation: Operation<'online_change'>, table: Table): Mapping {
    const written = this.columns.filter(({ name, given }) => {
      const column = table.columns.find((each) => each.name === name);
      return given && column !== undefined && isWritable(column);
    });
    const forward: Way = {
      base: this.old.columns.map(({ name }) => name),
      layers: this.layers,
      alias: this.old.name,
      columns: written.map(({ name, from, sources, plain }) => ({
        name,
        from,
        sources: [...sources],
        same: plain && from !== null && sameType(requireColumn(this.old, from), requireColumn(table, name)),
      })),
    };
    return { key: this.key(table), forward, back: this.back(operation, table, forward), number: this.number(table) };
  }

  private rename(from: string, to: string): void {
    const columns = this.columns.map((column) => (column.name === from ? { ...column, name: to } : column));
    this.push(columns, (name) => quote(name === to ? from : name));
    const type = this.retyped.get(from);
    if (type !== undefined) this.retyped.set(to, type);
  }

  private addField({ data, conditions }: Operation<'add_field'>, after: Table): void {
    const { field_name: name, default_value: value } = data;
    const fixed = value != null;
    const sql = fixed ? jsonToLiteral(requireColumn(after, name), value) : 'NULL';
    const conditional = fixed && conditions !== undefined && Object.keys(conditions).length > 0;
    const where = conditional ? compileConditions(conditions, this.columnOf(after)) : '';
    const column = { name, from: null, sources: this.mentioned(where), plain: false, given: fixed };
    this.push([...this.columns, column], (each) =>
      each !== name ? quote(each) : conditional ? `CASE WHEN (${where}) THEN ${sql} END` : sql,
    );
  }

  private changeType({ data }: Operation<'change_type'>, after: Table): void {
    const name = data.field_name;
    if (data.using !== undefined) {
      this.read(data.using);
      const sources = this.mentioned(data.using);
      const columns = this.columns.map((column) => (column.name === name ? { ...column, sources, plain: false } : column));
      this.push(columns, (each) => (each === name ? `(${data.using}\n)` : quote(each)));
    }
    this.retyped.set(name, requireColumn(after, name).native);
  }

  private migrate({ data, conditions }: Operation<'migrate_data'>, before: Table): void {
    const columnOf = this.columnOf(before);
    const values = new Map(
      data.set
        ? Object.entries(data.set).map(([field, expression]) => [columnOf(field).name, `(${expression}\n)`])
        : compilePipeline((data.pipeline ?? []) as JsonObject[], columnOf).map(({ column, sql }) => [column.name, sql]),
    );
    const where = conditions === undefined ? undefined : compileConditions(conditions, columnOf);
    this.read([...values.values(), where ?? ''].join(' '));
    const columns = this.columns.map((column) => {
      const sql = values.get(column.name);
      if (sql === undefined) return column;
      const sources = [...new Set([...(where === undefined ? [] : column.sources), ...this.mentioned(`${sql} ${where ?? ''}`)])];
      return { ...column, sources, plain: false, given: true };
    });
    this.push(columns, (name) => {
      const sql = values.get(name);
      if (sql === undefined) return quote(name);
      return where === undefined ? sql : `CASE WHEN (${where}) THEN ${sql} ELSE ${quote(name)} END`;
    });
  }

  /** Expressions see values in the type that a change before them has given: the row itself gets it only in the end. */
  private read(sql: string): void {
    const seen = words(sql);
    const casts = new Map<string, string>();
    for (const [name, native] of this.retyped) {
      if (!seen.has(name.toLowerCase())) continue;
      casts.set(name, castOf(quote(name), native));
      this.retyped.delete(name);
    }
    if (casts.size > 0) this.push(this.columns, (name) => casts.get(name) ?? quote(name));
  }

  private columnOf(table: Table): ColumnOf {
    return (field) => requireColumn(table, field);
  }

  /** The columns of the old version that stand behind those which an expression names. */
  private mentioned(sql: string): string[] {
    const seen = words(sql);
    const named = this.columns.filter(({ name }) => seen.has(name.toLowerCase()));
    return [...new Set(named.flatMap(({ sources }) => sources))];
  }

  private push(columns: readonly StageColumn[], sqlOf: (name: string) => string): void {
    const keys = this.old.rowKey.map((_, index) => keyAlias(index));
    this.layers.push([...columns.map(({ name }) => `${sqlOf(name)} AS ${quote(name)}`), ...keys]);
    this.columns = [...columns];
  }

  private replace(columns: readonly StageColumn[]): void {
    this.push(columns, quote);
  }

  private key(table: Table): Mapping['key'] {
    const key = this.old.rowKey.map((name) => {
      const column = this.columns.find(({ from }) => from === name);
      const left = requireColumn(this.old, name);
      if (column?.plain && isWritable(left) && isFaithful(left, requireColumn(table, column.name)))
        return { old: name, new: column.name };
      throw new PolyshiftError('ONLINE_REFUSED', `${name} identifies the rows of ${this.old.name}, and must stay what it is.`, {
        hint: 'Change the key in a migration of its own, without --online.',
      });
    });
    const names = key.map((each) => each.new);
    const unique = table.indexes.some(
      ({ kind, parts }) =>
        (kind === 'primary' || kind === 'unique') &&
        parts.length === names.length &&
        parts.every(({ field, prefix }) => prefix === undefined && field !== undefined && names.includes(field)),
    );
    if (unique) return key;
    throw new PolyshiftError('ONLINE_REFUSED', `The new version of ${this.old.name} has no key over ${names.join(', ')}.`, {
      hint: 'Drop a primary key in a migration of its own, without --online.',
    });
  }

  private back({ data }: Operation<'online_change'>, table: Table, forward: Way): Way {
    const columns: MappedColumn[] = [];
    const list: string[] = [];
    for (const { name } of this.old.columns.filter(isWritable)) {
      const given = data.back?.[name];
      const counterpart = this.columns.find(({ from }) => from === name);
      if (given !== undefined) {
        const seen = words(backSql(name, given));
        const sources = table.columns.filter((column) => seen.has(column.name.toLowerCase())).map((column) => column.name);
        columns.push({ name, from: null, sources, same: false });
        list.push(`${backSql(name, given)} AS ${quote(name)}`);
      } else if (counterpart) {
        const same = forward.columns.find((column) => column.name === counterpart.name)?.same ?? false;
        columns.push({ name, from: counterpart.name, sources: [counterpart.name], same });
        list.push(`${quote(counterpart.name)} AS ${quote(name)}`);
      }
    }
    const keys = this.old.rowKey.map((_, index) => keyAlias(index));
    return { base: table.columns.map(({ name }) => name), layers: [[...list, ...keys]], alias: table.name, columns };
  }

  private number(table: Table): Mapping['number'] {
    const numbered = (each: Table) => each.columns.find(({ generated }) => generated === 'auto_increment')?.name;
    const [old, fresh] = [numbered(this.old), numbered(table)];
    return old !== undefined && fresh !== undefined ? { old, new: fresh } : null;
  }
}

/** The mapping of a whole operation whose stages are known: `stages[i]` is the new version before the change `i`, the last one as it is. */
export function buildMapping(operation: Operation<'online_change'>, old: Table, stages: readonly Table[]): Mapping {
  const builder = new MappingBuilder(old);
  for (const [index, inner] of changesOf(operation).entries()) builder.add(inner, stages[index]!, stages[index + 1]!);
  return builder.build(operation, stages.at(-1)!);
}

/** An expression of `back` as SQL. Throws INVALID_DOCUMENT. */
export function backSql(field: string, value: unknown): string {
  if (typeof value === 'string') return `(${value}\n)`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  throw new PolyshiftError('INVALID_DOCUMENT', `back.${field} is an SQL expression over the fields of the new version.`, {
    place: { path: `data.back.${field}` },
  });
}

/** The words and names of an expression, in lower case. */
function words(sql: string): Set<string> {
  const found = tokenize(sql).filter(({ kind }) => kind === 'word' || kind === 'name');
  return new Set(found.map(({ text }) => unquote(text).toLowerCase()));
}

function sameType(left: TableColumn, right: TableColumn): boolean {
  return left.native === right.native && left.collation === right.collation && left.type.kind === right.type.kind;
}

/** Whether different keys stay different: the same type, or whole numbers on both sides. */
function isFaithful(left: TableColumn, right: TableColumn): boolean {
  return sameType(left, right) || (isWhole(left.native) && isWhole(right.native));
}

function isWhole(native: string): boolean {
  return /^(tiny|small|medium|big)?int\b/i.test(native);
}

/** A value in another type as far as CAST has one; what it does not have stays what it is. */
function castOf(sql: string, native: string): string {
  if (isWhole(native)) return `CAST(${sql} AS ${/unsigned/i.test(native) ? 'UNSIGNED' : 'SIGNED'})`;
  if (/^(decimal\(\d+,\d+\))/i.test(native)) return `CAST(${sql} AS ${/^decimal\(\d+,\d+\)/i.exec(native)![0]})`;
  if (/^(date|datetime|time)(\(\d\))?$/i.test(native)) return `CAST(${sql} AS ${native})`;
  if (/^(double|float)/i.test(native)) return `(${sql} + 0e0)`;
  return /^(var)?char|text$/i.test(native) ? `CAST(${sql} AS CHAR)` : sql;
}
