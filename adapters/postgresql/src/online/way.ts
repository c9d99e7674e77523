import type { Table } from '../catalog/table.ts';
import { literal, quote } from '../identifiers.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';

/** One of the two directions in which writes are carried, with all that its statements are made of. */
export interface Way {
  /** The side where the write was made. */
  readonly side: 'old' | 'new';
  readonly source: string;
  readonly target: string;
  /** The columns of the source's rows. */
  readonly sourceColumns: readonly { readonly name: string; readonly native: string }[];
  /** The columns of the target that a row of the source gives; `update`: also where the row is there already. */
  readonly columns: readonly { readonly name: string; readonly update: boolean }[];
  readonly key: readonly {
    readonly source: string;
    readonly target: string;
    readonly sourceType: string;
    readonly targetType: string;
    /** The operator that compares keys of the target. */
    readonly equal: string;
    /** The same of the source. */
    readonly sourceEqual: string;
  }[];
  /** The rows that a query over the source's columns becomes, as a query with `columns`. */
  readonly mapped: (from: string) => string;
  /** The functions that carry each write, and one row whatever it was. */
  readonly carry: string;
  readonly settle: string;
  /** The setting that this way sets before it writes, and the one that tells it that a write is an echo; as literals. */
  readonly sets: string;
  readonly heeds: string;
}

/** The way from the old version to the new one. */
export function wayToNew(names: OnlineNames, mapping: Mapping, old: Table): Way {
  return {
    side: 'old',
    source: names.oldSql,
    target: names.newSql,
    sourceColumns: old.columns,
    columns: mapping.newColumns.map(({ name, carried }) => ({ name, update: carried !== 'added' })),
    key: mapping.key.map((each) => ({
      source: each.old,
      target: each.new,
      sourceType: each.oldType,
      targetType: each.newType,
      equal: each.newEqual,
      sourceEqual: each.oldEqual,
    })),
    mapped: (from) => mapping.forward.replaceAll(mapping.base, () => from),
    carry: names.toNew,
    settle: names.settleOld,
    sets: literal(names.fromOld),
    heeds: literal(names.fromNew),
  };
}

/** The way from the new version to the old one. */
export function wayToOld(names: OnlineNames, mapping: Mapping, old: Table, fresh: Table): Way {
  const numbered = old.columns.filter(({ generated }) => generated === 'identity_always').map(({ name }) => name);
  return {
    side: 'new',
    source: names.newSql,
    target: names.oldSql,
    sourceColumns: fresh.columns,
    // The store lets nobody write a number that it gives itself, and so nobody has.
    columns: mapping.oldColumns.map(({ name, once }) => ({ name, update: once !== true && !numbered.includes(name) })),
    key: mapping.key.map((each) => ({
      source: each.new,
      target: each.old,
      sourceType: each.newType,
      targetType: each.oldType,
      equal: each.oldEqual,
      sourceEqual: each.newEqual,
    })),
    mapped: (from) => mapping.back.replaceAll(mapping.base, () => from),
    carry: names.toOld,
    settle: names.settleNew,
    sets: literal(names.fromNew),
    heeds: literal(names.fromOld),
  };
}

/** The row of a trigger as a table of one row. */
export function rowOf(way: Way, row: 'NEW' | 'OLD'): string {
  return `(SELECT ${way.sourceColumns.map(({ name }) => `${row}.${quote(name)} AS ${quote(name)}`).join(', ')})`;
}

/**
 * A row of the source that has a key and nothing else, as a table of one row.
 *
 * @param from the rows that each give a key, with their condition
 */
export function rowOfKey(way: Way, key: string, from?: string): string {
  const list = way.sourceColumns.map(({ name, native }) => {
    const at = way.key.findIndex(({ source }) => source === name);
    return `${at < 0 ? 'NULL' : `(${key}[${at + 1}])`}::${native} AS ${quote(name)}`;
  });
  return `(SELECT ${list.join(', ')}${from === undefined ? '' : ` FROM ${from}`})`;
}

/**
 * The rows of the source that have a key, as a table.
 *
 * @param others further rows to take the key from, with their alias
 */
export function rowsOfKey(way: Way, key: string, others?: { readonly from: string; readonly where: string }): string {
  const list = way.sourceColumns.map(({ name }) => `s.${quote(name)}`).join(', ');
  return `(SELECT ${list} FROM ${others ? `${others.from}, ` : ''}${way.source} AS s WHERE ${hasSourceKey(way, key)}${others ? ` AND ${others.where}` : ''})`;
}

/** The condition that a row `s` of the source has the key that an array of texts holds. */
export function hasSourceKey(way: Way, key: string): string {
  return way.key
    .map(
      ({ source, sourceType, sourceEqual }, index) => `s.${quote(source)} ${sourceEqual} (${key}[${index + 1}])::${sourceType}`,
    )
    .join(' AND ');
}

/** The expressions that say of all that is written from now on, to either side, that it comes from the other one; with one of those of `carried.ts`. */
export function allCarried({ sets, heeds }: Way, carried: string): string {
  return `set_config(${sets}, '*', true), set_config(${heeds}, '*', true), ${carried}`;
}

/** The expressions that end {@link allCarried}. */
export function noneCarried({ sets, heeds }: Way, carried: string): string {
  return `set_config(${sets}, '', true), set_config(${heeds}, '', true), ${carried}`;
}

/** The key of a row of the source as an array of texts. */
export function keyTexts(way: Way, row: string): string {
  return `ARRAY[${way.key.map(({ source }) => `${row}.${quote(source)}::text`).join(', ')}]`;
}

/** The condition that a row of the target has the key of a mapped row. */
export function sameKey(way: Way, target: string, mapped: string): string {
  return way.key.map((each) => `${target}.${quote(each.target)} ${each.equal} ${mapped}.${quote(each.target)}`).join(' AND ');
}
