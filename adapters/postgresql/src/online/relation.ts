import { quote, quoteQualified } from '../identifiers.ts';
import type { OnlineNames } from './names.ts';

/**
 * What a table that is split off, or merged in, has to do with its hub: the version that has its fields as well. A split hangs on the old version, a
 * merge on the new one. For each row of the hub in which one of the fields is not null there is a row of the part. Plain JSON.
 */
export type Relation = {
  index: number;
  kind: 'split' | 'merge';
  /** The part, unquoted. */
  schema: string;
  table: string;
  oid: number;
  /** `equal`: the operator that compares keys, qualified. */
  key: { hub: string; part: string; type: string; equal: string }[];
  fields: string[];
};

/** What the relation's functions, triggers and settings are called. */
export interface RelationNames {
  /** Both tables, qualified and quoted. */
  readonly hub: string;
  readonly part: string;
  /** The table of writes of all relations that have not reached the other side. */
  readonly unsettled: string;
  /** Functions, qualified and quoted. */
  readonly toPart: string;
  readonly toHub: string;
  readonly settle: string;
  readonly hubWritten: string;
  readonly hubGone: string;
  readonly hubTruncated: string;
  readonly partWritten: string;
  readonly partTruncated: string;
  /**
   * Triggers of the hub, quoted. Those of an event fire by name: a row must be in the other version before its part is written, and its part must be
   * gone before it goes from the other version, because of the foreign key that a merged table has.
   */
  readonly triggers: Readonly<Record<'gone' | 'moved' | 'inserted' | 'updated' | 'truncated', string>>;
  /** Triggers of the part, quoted. */
  readonly partTriggers: Readonly<Record<'written' | 'truncated', string>>;
  /** Settings that say that a write has come from the other side of the relation: the key of its row, or `*` for all. */
  readonly fromHub: string;
  readonly fromPart: string;
  /** Setting that says that the old version has changed the key of this row: the foreign key of the part says what becomes of that. */
  readonly moved: string;
  /** The setting by which the triggers of the two versions take a write to the hub for one that needs no carrying. */
  readonly quiet: string;
}

/** The name of the table of writes that have not reached the other side of a relation, in the aside schema. */
export const unsettledParts = 'unsettled_parts';

/** Names the pieces of one relation. */
export function relationNames(names: OnlineNames, relation: Relation): RelationNames {
  const { index, kind, schema, table } = relation;
  const id = names.fromOld.slice('polyshift.from_old_'.length);
  const own = (name: string): string => quoteQualified(names.aside, `part_${index}_${name}`);
  const late = `!polyshift_${id}_part_${index}`;
  const early = `!polyshift_!${id}_${index}`;
  return {
    hub: kind === 'split' ? names.oldSql : names.newSql,
    part: quoteQualified(schema, table),
    unsettled: quoteQualified(names.aside, unsettledParts),
    toPart: own('to_part'),
    toHub: own('to_hub'),
    settle: own('settle'),
    hubWritten: own('hub_written'),
    hubGone: own('hub_gone'),
    hubTruncated: own('hub_truncated'),
    partWritten: own('written'),
    partTruncated: own('truncated'),
    triggers: {
      gone: quote(early),
      moved: quote(`${early}_moved`),
      inserted: quote(late),
      updated: quote(`${late}_updated`),
      truncated: quote(`${early}_truncated`),
    },
    partTriggers: { written: quote(late), truncated: quote(`${late}_truncated`) },
    fromHub: `polyshift.from_hub_${index}_${id}`,
    fromPart: `polyshift.from_part_${index}_${id}`,
    moved: `polyshift.moved_${index}_${id}`,
    quiet: kind === 'split' ? names.fromNew : names.fromOld,
  };
}

/** The condition that a row of a side has the key that an array of texts holds. */
export function hasKey({ key }: Relation, side: 'hub' | 'part', row: string, texts = 'polyshift_key'): string {
  return key.map((each, at) => `${row}.${quote(each[side])} ${each.equal} (${texts}[${at + 1}])::${each.type}`).join(' AND ');
}

/** The key of a row of a side as an array of texts. */
export function keyOf({ key }: Relation, side: 'hub' | 'part', row: string): string {
  return `ARRAY[${key.map((each) => `${row}.${quote(each[side])}::text`).join(', ')}]`;
}

/** How many of the fields of a row are not null; rows of a type of their own count whole. */
export function filled({ fields }: Relation, row: string): string {
  return `num_nonnulls(${fields.map((field) => `${row}.${quote(field)}`).join(', ')})`;
}
