import { quote } from '../identifiers.ts';
import { keyAlias, type Side } from './names.ts';

/** A column of one version that a write to the other one reaches. */
export type MappedColumn = {
  name: string;
  /** The column of the other version that it is: the same under another name or type; null where it is reckoned from others or constant. */
  from: string | null;
  /** The columns of the other version that its value is reckoned from. */
  sources: string[];
  /** Whether it holds the value of `from` as it is, in the same type. */
  same: boolean;
};

/**
 * How rows of one version become rows of the other. Each layer is the list of a SELECT over the layer before it, the first over a row of the
 * source: so an expression stands in it as it was written, and sees the columns that it was written for.
 */
export type Way = {
  /** The columns that the first layer reads. */
  base: string[];
  layers: string[][];
  /** The table's name in the expressions. */
  alias: string;
  columns: MappedColumn[];
};

/**
 * A table beside the two versions that holds some of their columns: one that a split makes for the new version, or one that ends with the old
 * version by a merge. Its rows belong to those of one of the two versions, the hub: what a split moves is a part of the old version, what a merge
 * adds is a part of the new one. The part itself is of the other version. Plain JSON, kept in the journal.
 */
export type Part = {
  /** `split1`: tells its triggers, records and variables from those of others. */
  id: string;
  kind: 'split' | 'merge';
  /** The name of the table, in the database of both versions. */
  table: string;
  /** What operations call it. */
  collection: string;
  /** The columns that hold the key, of hub and part by their version. */
  key: { old: string; new: string }[];
  /** The columns that hub and part both have, under the same names. */
  fields: string[];
  /** Whether the part has no row where all fields are null: else it keeps the row that it has. */
  sparse: boolean;
};

/** How the rows of two versions belong together. Plain JSON, kept in the journal. */
export type Mapping = {
  /** The columns that identify a row, on both sides. */
  key: { old: string; new: string }[];
  forward: Way;
  back: Way;
  /** The column that both sides number by themselves; null where they do not. */
  number: { old: string; new: string } | null;
  /** The tables of splits and merges; missing where there are none. */
  parts?: Part[];
  /** Columns of the source one of which must not be null in a row that is copied; missing: each row is. */
  only?: string[];
};

/** The way from a side to the other. */
export function wayFrom(mapping: Mapping, side: Side): Way {
  return side === 'old' ? mapping.forward : mapping.back;
}

/** The other one. */
export function otherSide(side: Side): Side {
  return side === 'old' ? 'new' : 'old';
}

/** The SELECT that gives the rows of the other version; `readBy` is where the first layer finds a column, `from` what stands behind its list. */
export function layered(mapping: Mapping, side: Side, readBy: (column: string) => string = quote, from = ''): string {
  const way = wayFrom(mapping, side);
  const keys = mapping.key.map((pair, index) => `${readBy(pair[side])} AS ${keyAlias(index)}`);
  const base = `SELECT ${[...way.base.map((column) => `${readBy(column)} AS ${quote(column)}`), ...keys].join(', ')}${from}`;
  return way.layers.reduce((inner, list) => `SELECT ${list.join(', ')} FROM (${inner}) AS ${quote(way.alias)}`, base);
}

/** The condition that a row of a side, behind a qualifier, has the key of another row. */
export function sameRow(mapping: Mapping, side: Side, qualifier: string, readBy: (index: number) => string): string {
  return mapping.key.map((pair, index) => `${qualifier}${quote(pair[side])} = ${readBy(index)}`).join(' AND ');
}
