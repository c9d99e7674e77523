import type { Queryable } from '../connection.ts';
import { literal, quoteQualified } from '../identifiers.ts';
import type { Mapping } from './mapping.ts';
import { events, type MirrorSource, mirrorTrigger } from './mirror-trigger.ts';
import type { OnlineNames, Side } from './names.ts';
import { numberTriggers } from './number-triggers.ts';

/** A trigger of one version. */
export interface OnlineTrigger {
  readonly name: string;
  readonly sql: string;
}

/**
 * The triggers of a side in the order in which they are made: those that delete and update first, so that no row reaches the other version before
 * what happens to it later does too.
 */
export function triggersOf(side: Side, source: MirrorSource): OnlineTrigger[] {
  const { names, mapping } = source;
  return [
    ...numberTriggers(side, names, mapping),
    ...events.map((event) => ({ name: names.trigger(side, event.toLowerCase()), sql: mirrorTrigger(side, event, source) })),
  ];
}

/** The names of the triggers that carry writes over from a side. */
export function mirrorNames(side: Side, names: OnlineNames): string[] {
  return events.map((event) => names.trigger(side, event.toLowerCase()));
}

/** The names of all triggers of a side; those that carry nothing over come last. */
export function triggerNames(side: Side, names: OnlineNames, mapping: Mapping | undefined): string[] {
  const counting = mapping === undefined ? ['counting', 'counted', 'recounted'].map((what) => names.trigger(side, what)) : [];
  const numbers = mapping === undefined ? counting : numberTriggers(side, names, mapping).map(({ name }) => name);
  return [...mirrorNames(side, names).reverse(), ...numbers];
}

/** Which of these triggers are there. */
export async function presentTriggers(connection: Queryable, names: OnlineNames, wanted: readonly string[]): Promise<string[]> {
  if (wanted.length === 0) return [];
  const rows = await connection.rows<{ name: string }>(
    `SELECT trigger_name AS name FROM information_schema.triggers
     WHERE trigger_schema = ${literal(names.schema)} AND trigger_name IN (${wanted.map(literal).join(', ')})`,
  );
  const present = new Set(rows.map(({ name }) => name));
  return wanted.filter((name) => present.has(name));
}

/** The statement that drops a trigger. */
export function dropTrigger(names: OnlineNames, name: string): string {
  return `DROP TRIGGER IF EXISTS ${quoteQualified(names.schema, name)}`;
}
