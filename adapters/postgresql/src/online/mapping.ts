import { type JsonObject, type Operation, PolyshiftError } from '@polyshift/core';
import { requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import { jsonToText } from '../comparable.ts';
import { compileConditions } from '../conditions.ts';
import type { Connection } from '../database.ts';
import { compilePipeline } from '../expressions/pipeline.ts';
import { resolveType } from '../handler/type-reference.ts';
import { literal, quote } from '../identifiers.ts';
import { inlineLiterals } from '../parameters.ts';
import { chooseConversion } from '../type-change/convert.ts';
import { nativeOfValue } from '../types.ts';
import { looseType } from './loose-type.ts';

/**
 * What the new version's column has to do with the old version: the same value (`plain`), one converted between types (`converted`), one that
 * expressions give (`derived`), or nothing (`added`).
 */
export type Carried = 'plain' | 'converted' | 'derived' | 'added';

/** A column of the new version. */
export type NewColumn = { name: string; old: string | null; carried: Carried; native: string };

/** A column of the old version that gets its value from a row of the new one; `once`: only where the row is new there. */
export type OldColumn = { name: string; native: string; once?: true };

/** How rows of one version become rows of the other. Queries have `base` in the place of the table, with the columns of its side. */
export type Mapping = {
  base: string;
  forward: string;
  back: string;
  newColumns: NewColumn[];
  oldColumns: OldColumn[];
  /** `equal`: the operators that compare keys of a side, qualified. */
  key: { old: string; new: string; oldType: string; newType: string; oldEqual: string; newEqual: string }[];
};

type Layer = (from: string) => string;
type Field = { name: string; old: string | null; carried: Carried };

/** Follows the operations on the new version, one after the other, and gathers what they do to rows. */
export class MappingBuilder {
  private readonly table: Table;
  private readonly alias: string;
  private readonly split: readonly string[];
  private fields: Field[];
  private readonly forward: Layer[] = [];
  /** In the order of the operations; the way back goes through them from the end. */
  private readonly back: ((names: string[]) => { names: string[]; layer: Layer | undefined })[] = [];

  /**
   * @param table the old version
   * @param split its fields that the new version has not got because they stand in tables of their own: those write them, and a new row begins without
   */
  constructor(table: Table, split: readonly string[] = []) {
    this.table = table;
    this.alias = quote(table.name);
    this.split = split;
    const kept = table.columns.filter(({ name }) => !split.includes(name));
    this.fields = kept.map(({ name }) => ({ name, old: name, carried: 'plain' }));
  }

  /** Adds an operation. `before` is the new version as it is before it. */
  async add(operation: Operation, before: Table, connection: Connection): Promise<void> {
    switch (operation.type) {
      case 'rename_field': {
        const { old_name, new_name } = operation.data;
        this.layer(this.fields.map(({ name }) => (name === old_name ? `${quote(name)} AS ${quote(new_name)}` : quote(name))));
        this.fields = this.fields.map((each) => (each.name === old_name ? { ...each, name: new_name } : each));
        this.back.push((names) => this.replaced(names, new_name, quote(new_name), old_name));
        return;
      }
      case 'remove_field': {
        const { field_name } = operation.data;
        this.fields = this.fields.filter(({ name }) => name !== field_name);
        return;
      }
      case 'add_field': {
        const { field_name, default_value: value } = operation.data;
        const type = await resolveType(connection, operation.data.type ?? nativeOfValue(value, field_name));
        const text =
          value == null ? null : jsonToText({ name: field_name, type: type.portable, pgType: type.pgType }, value, type.modifier);
        const given = `${text === null ? 'NULL' : literal(text)}::${type.native}`;
        const where = compileConditions(operation.conditions, (field) => requireColumn(before, field), inlineLiterals);
        this.layer([
          ...this.names(),
          `${where === 'true' ? given : `CASE WHEN ${where} THEN ${given} END`} AS ${quote(field_name)}`,
        ]);
        this.fields = [...this.fields, { name: field_name, old: null, carried: 'added' }];
        this.back.push((names) => ({ names: names.filter((name) => name !== field_name), layer: undefined }));
        return;
      }
      case 'change_type': {
        const column = requireColumn(before, operation.data.field_name);
        const target = await resolveType(connection, operation.data.to);
        const using = operation.data.using ?? (await chooseConversion(connection, column, target)) ?? quote(column.name);
        this.set(column.name, `(${using})::${looseType(target)}`, 'converted');
        const changed = {
          ...column,
          pgType: target.pgType,
          modifier: target.modifier,
          native: target.native,
          type: target.portable,
        };
        const former = { native: column.native, pgType: column.pgType, modifier: column.modifier, portable: column.type };
        const back = (await chooseConversion(connection, changed, former)) ?? quote(column.name);
        this.back.push((names) => this.replaced(names, column.name, `(${back})::${looseType(column)}`, column.name));
        return;
      }
      case 'migrate_data': {
        const where = compileConditions(operation.conditions, (field) => requireColumn(before, field), inlineLiterals);
        const values = new Map(assignments(operation, before));
        this.layer(
          this.fields.map(({ name }) => {
            const value = values.get(name);
            if (value === undefined) return quote(name);
            const given = `(${value})::${looseType(requireColumn(before, name))}`;
            return `${where === 'true' ? given : `CASE WHEN ${where} THEN ${given} ELSE ${quote(name)} END`} AS ${quote(name)}`;
          }),
        );
        this.fields = this.fields.map((each) => (values.has(each.name) ? { ...each, carried: 'derived' } : each));
        return;
      }
      default:
        return;
    }
  }

  /**
   * The mapping, with `base` in the place of the tables.
   *
   * @param after the new version as the operations have left it
   * @param back expressions over its rows for fields of the old version
   * @param key what identifies rows of the old version
   * @param equals operators that compare values of a type, where they are not those of the system
   */
  finish(after: Table, back: JsonObject, key: readonly string[], base: string, equals: ReadonlyMap<number, string>): Mapping {
    const made = after.columns.filter((column) => isWritable(column) && this.fields.some(({ name }) => name === column.name));
    const list = made.map((column) => quote(column.name)).join(', ');
    const all = `SELECT ${this.table.columns.map(({ name }) => quote(name)).join(', ')} FROM ${base} AS ${this.alias}`;
    const forward = `SELECT ${list} FROM (${this.forward.reduce((from, layer) => layer(from), all)}) AS ${this.alias}`;
    for (const field of Object.keys(back)) {
      if (isWritable(requireColumn(this.table, field))) continue;
      throw new PolyshiftError('INVALID_DOCUMENT', `${field} is computed by the store.`, {
        place: { path: `data.back.${field}` },
      });
    }
    const given = Object.keys(back);
    let names = after.columns.map(({ name }) => name);
    let from = `SELECT ${[...names.map(quote), ...given.map((field, index) => `(${backText(back, field)})::${looseType(requireColumn(this.table, field))} AS ${backName(index)}`)].join(', ')} FROM ${base} AS ${this.alias}`;
    const hidden = given.map((_, index) => backName(index));
    for (const step of [...this.back].reverse()) {
      const { names: left, layer } = step(names);
      names = left;
      if (layer) from = layer(from).replace(listMark, hidden.map((name) => `, ${name}`).join(''));
    }
    const oldColumns = this.table.columns.filter(
      (column) => isWritable(column) && (given.includes(column.name) || names.includes(column.name)),
    );
    const backList = oldColumns.map(({ name }) =>
      given.includes(name) ? `${backName(given.indexOf(name))} AS ${quote(name)}` : quote(name),
    );
    const apart = this.table.columns.filter(({ name }) => this.split.includes(name));
    backList.push(...apart.map(({ name, native }) => `NULL::${native} AS ${quote(name)}`));
    return {
      base,
      forward,
      back: `SELECT ${backList.join(', ')} FROM (${from}) AS ${this.alias}`,
      newColumns: made.map(({ name, native }) => ({ ...this.fields.find((each) => each.name === name)!, native })),
      oldColumns: [
        ...oldColumns.map(({ name, native }) => ({ name, native })),
        ...apart.map(({ name, native }) => ({ name, native, once: true as const })),
      ],
      key: key.map((name) => this.keyColumn(name, after, equals)),
    };
  }

  private keyColumn(name: string, after: Table, equals: ReadonlyMap<number, string>): Mapping['key'][number] {
    const field = this.fields.find(({ old, carried }) => old === name && (carried === 'plain' || carried === 'converted'));
    const column = field && after.columns.find((each) => each.name === field.name);
    if (!column) {
      throw new PolyshiftError(
        'ONLINE_REFUSED',
        `${name} identifies the rows of ${this.table.name}, and the new version does not have it.`,
        { hint: 'Keep the field until a later migration, which may remove it by itself.' },
      );
    }
    const own = requireColumn(this.table, name);
    return {
      old: name,
      new: column.name,
      oldType: own.native,
      newType: column.native,
      oldEqual: equals.get(own.pgType.oid) ?? '=',
      newEqual: equals.get(column.pgType.oid) ?? '=',
    };
  }

  private names(): string[] {
    return this.fields.map(({ name }) => quote(name));
  }

  private set(field: string, value: string, carried: 'converted' | 'derived'): void {
    this.layer(this.fields.map(({ name }) => (name === field ? `${value} AS ${quote(name)}` : quote(name))));
    this.fields = this.fields.map((each) => (each.name === field && each.carried === 'plain' ? { ...each, carried } : each));
  }

  private layer(list: readonly string[]): void {
    this.forward.push((from) => `SELECT ${list.join(', ')} FROM (${from}) AS ${this.alias}`);
  }

  /** One column of a way back in place of another. */
  private replaced(names: string[], from: string, value: string, to: string): { names: string[]; layer: Layer } {
    const list = names.map((name) => (name === from ? `${value} AS ${quote(to)}` : quote(name)));
    return {
      names: names.map((name) => (name === from ? to : name)),
      layer: (inner) => `SELECT ${list.join(', ')}${listMark} FROM (${inner}) AS ${this.alias}`,
    };
  }
}

/** Where the expressions for fields that only the old version has stand in a select list. */
const listMark = '\0';

const backName = (index: number): string => `polyshift_back_${index + 1}`;

function backText(back: JsonObject, field: string): string {
  const text = back[field];
  if (typeof text === 'string') return text;
  throw new PolyshiftError('INVALID_DOCUMENT', `What ${field} gets is an SQL expression, as a text.`, {
    place: { path: `data.back.${field}` },
  });
}

/** The field and the expression of each value that a migrate_data sets. */
function assignments(operation: Operation<'migrate_data'>, table: Table): [string, string][] {
  const { data } = operation;
  if (data.set)
    return Object.entries(data.set).map(([field, expression]) => [requireColumn(table, field).name, String(expression)]);
  return compilePipeline((data.pipeline ?? []) as JsonObject[], (field) => requireColumn(table, field)).map(({ column, sql }) => [
    column.name,
    sql(inlineLiterals),
  ]);
}

function isWritable(column: TableColumn): boolean {
  return column.generated !== 'stored' && column.generated !== 'virtual';
}
