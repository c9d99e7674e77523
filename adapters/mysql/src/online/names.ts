import { createHash } from 'node:crypto';
import { asideName } from '../handler/aside.ts';
import { quote, quoteQualified } from '../identifiers.ts';

/** Which of the two versions. */
export type Side = 'old' | 'new';

/** The undo record of an online change: where both versions are. */
export type OnlineUndo = {
  /** The database of both. */
  schema: string;
  /** The name of the table. */
  name: string;
  /** The name of the new version, until it takes the place of the old one. */
  new_name: string;
  /** What operations call the new version. */
  new_collection: string;
};

/** Everything that an online change makes, by name; qualified and quoted where it is not said otherwise. */
export interface OnlineNames {
  readonly schema: string;
  readonly old: string;
  readonly new: string;
  /** Without quotes. */
  readonly plain: Readonly<Record<Side, string>>;
  /** The table of refused writes. */
  readonly refused: string;
  /** The same, without quotes. */
  readonly refusedName: string;
  /** The old version when the new one has taken its place. */
  readonly aside: string;
  /** The same, without quotes. */
  readonly asideName: string;
  /** The new version while its name and that of the old one are views over it. */
  readonly physical: string;
  /** The same, without quotes. */
  readonly physicalName: string;
  /** A name of this step's own for a trigger or table, without quotes. */
  own(what: string): string;
  /** A view of this step's own. */
  view(what: 'old' | 'new' | 'lasting' | 'bridge' | 'old_gone' | 'new_gone'): string;
  /** The name of a trigger, without quotes. */
  trigger(side: Side, what: string): string;
  /** The variable of a session that says which side a statement came from, and when. */
  readonly origin: string;
  /** The variable of a session whose writes to the new version are the copy of rows. */
  readonly copying: string;
  /** The beginning of the variables that keep how a session counts automatic numbers. */
  readonly counting: string;
}

/** Names of a step; `aside` as in its run context. */
export function namesOf({ schema, name, new_name }: OnlineUndo, aside: string): OnlineNames {
  const hash = createHash('sha256').update(aside).digest('hex').slice(0, 12);
  const own = (what: string): string => `polyshift_online_${hash}_${what}`;
  const kept = asideName(aside, 'table');
  return {
    schema,
    old: quoteQualified(schema, name),
    new: quoteQualified(schema, new_name),
    plain: { old: name, new: new_name },
    refused: quoteQualified(schema, own('refused')),
    refusedName: own('refused'),
    aside: quoteQualified(schema, kept),
    asideName: kept,
    physical: quoteQualified(schema, own('physical')),
    physicalName: own('physical'),
    own,
    view: (what) => quoteQualified(schema, own(`view_${what}`)),
    trigger: (side, what) => own(`${side}_${what}`),
    origin: `@polyshift_${hash}_origin`,
    copying: `@polyshift_${hash}_copying`,
    counting: `@polyshift_${hash}`,
  };
}

/** The columns of a row's key in layers, one for each part of the key, in order. */
export function keyAlias(index: number): string {
  return quote(`polyshift_k${index + 1}`);
}
