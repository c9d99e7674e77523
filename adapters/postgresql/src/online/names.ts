import { createHash } from 'node:crypto';
import { checkLength } from '../catalog/table-name.ts';
import { asideSchema } from '../handler/aside.ts';
import { quote, quoteQualified } from '../identifiers.ts';

/** What the parts of one online change are called. All but the new version itself stand in the aside schema of the step. */
export interface OnlineNames {
  /** The aside schema, unquoted. */
  readonly aside: string;
  /** The schema of the new version, unquoted: `public_0002`. */
  readonly versionSchema: string;
  /** The new version as the handlers of operations find it: `public_0002.users`. */
  readonly collection: string;
  /** Both versions, qualified and quoted. */
  readonly oldSql: string;
  readonly newSql: string;
  /** The table of writes that have not reached the other version. */
  readonly unsettled: string;
  /** Functions, qualified and quoted. */
  readonly toNew: string;
  readonly toOld: string;
  readonly truncatedOld: string;
  readonly truncatedNew: string;
  /** At the end of a statement: only where a table refers to itself. */
  readonly togetherOld: string;
  readonly togetherNew: string;
  readonly settleOld: string;
  readonly settleNew: string;
  readonly agree: string;
  readonly nextValue: (index: number) => string;
  /** The triggers of both tables, quoted. */
  readonly trigger: string;
  readonly togetherTrigger: string;
  readonly truncateTrigger: string;
  /** Settings that say that a write has come from the other side: the key of its row, or `*` for all. */
  readonly fromOld: string;
  readonly fromNew: string;
  /** Setting that says that what is written is carried over: for triggers of the user. */
  readonly carried: string;
  /** Number of the advisory lock that closes the way from new to old while a swap is at work. */
  readonly gate: string;
}

/** The schema of the new versions of a schema's tables. Throws INVALID_DOCUMENT where the name is too long. */
export function versionSchemaOf(schema: string, version: string): string {
  return checkLength(`${schema}_${version}`);
}

/** Names the parts of one online change. */
export function onlineNames(aside: string, schema: string, table: string, versionSchema: string): OnlineNames {
  const own = asideSchema(aside);
  const of = (name: string): string => quoteQualified(own, name);
  return {
    aside: own,
    versionSchema,
    collection: `${versionSchema}.${table}`,
    oldSql: quoteQualified(schema, table),
    newSql: quoteQualified(versionSchema, table),
    unsettled: of('unsettled_writes'),
    toNew: of('to_new'),
    toOld: of('to_old'),
    truncatedOld: of('truncated_old'),
    truncatedNew: of('truncated_new'),
    togetherOld: of('together_old'),
    togetherNew: of('together_new'),
    settleOld: of('settle_old'),
    settleNew: of('settle_new'),
    agree: of('agree'),
    nextValue: (index) => of(`next_value_${index}`),
    // Triggers of an event fire by name, and these must see a write before any other trigger writes to its row again.
    trigger: quote(`!polyshift_${aside}`),
    togetherTrigger: quote(`!polyshift_${aside}_together`),
    truncateTrigger: quote(`!polyshift_${aside}_truncate`),
    fromOld: `polyshift.from_old_${aside}`,
    fromNew: `polyshift.from_new_${aside}`,
    carried: `polyshift.carried_${aside}`,
    gate: createHash('sha256').update(`polyshift.online.${aside}`).digest().readBigInt64BE().toString(),
  };
}
