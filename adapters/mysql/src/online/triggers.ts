import type { Queryable } from '../connection.ts';
import { literal, quoteQualified } from '../identifiers.ts';
import type { Mapping } from './mapping.ts';
import { type MirrorSource, mirrorTrigger } from './mirror-trigger.ts';
import type { OnlineNames, Side } from './names.ts';
import { numberTriggers } from './number-triggers.ts';
import type { PartSource } from './part-direction.ts';
import { partTriggerNames, partTriggers } from './part-triggers.ts';
import { hubOf, partsIn } from './parts.ts';
import { events, type OnlineTrigger } from './trigger-sql.ts';

/** What all triggers of a change are made from. */
export interface TriggerSource extends MirrorSource {
  readonly parts: readonly PartSource[];
}

/** The triggers of a table. */
export interface TableTriggers {
  /** The name of the table, without quotes. */
  readonly table: string;
  readonly triggers: readonly OnlineTrigger[];
}

/**
 * All triggers, table by table, in the order in which they are made. The new version comes first: whoever writes to the old one meets it whole; and what
 * is written to a part is carried or recorded before a row that it belongs to can reach the new version.
 */
export function allTriggers(source: TriggerSource): TableTriggers[] {
  const { names, parts } = source;
  return [
    { table: names.plain.new, triggers: triggersOf('new', source) },
    ...parts.map((part) => ({ table: part.part.table, triggers: partTriggers(part).part })),
    { table: names.plain.old, triggers: triggersOf('old', source) },
  ];
}

/**
 * The triggers of a side in the order in which they are made: those that delete and update first, so that no row reaches the other version before
 * what happens to it later does too.
 */
function triggersOf(side: Side, source: TriggerSource): OnlineTrigger[] {
  const { names, mapping } = source;
  const parts = source.parts.filter(({ part }) => hubOf(part) === side).map(partTriggers);
  return [
    ...numberTriggers(side, names, mapping),
    ...parts.flatMap(({ first }) => first),
    ...events.map((event) => ({ name: names.trigger(side, event.toLowerCase()), sql: mirrorTrigger(side, event, source) })),
    ...parts.flatMap(({ last }) => last),
  ];
}

/**
 * The names of the triggers that carry writes over from a side to any other table, in the order in which they go: none is left that needs what one
 * before it has done.
 */
export function mirrorNames(side: Side, names: OnlineNames, mapping: Mapping): string[] {
  const hubs = partsIn(mapping).filter((part) => hubOf(part) === side);
  const parts = hubs.map((part) => partTriggerNames({ names, part }));
  return [
    ...parts.flatMap(({ last }) => last),
    ...events.map((event) => names.trigger(side, event.toLowerCase())),
    ...parts.flatMap(({ first }) => first),
  ];
}

/** The names of all triggers of a side; those that carry nothing over come last. */
export function triggerNames(side: Side, names: OnlineNames, mapping: Mapping | undefined): string[] {
  if (mapping === undefined) return [];
  return [...mirrorNames(side, names, mapping), ...numberTriggers(side, names, mapping).map(({ name }) => name)];
}

/** The names of the triggers of parts that belong to a version, by the name of their table. */
export function partNamesOf(side: Side, names: OnlineNames, mapping: Mapping): { table: string; triggers: string[] }[] {
  const parts = partsIn(mapping).filter((part) => hubOf(part) !== side);
  return parts.map((part) => ({ table: part.table, triggers: partTriggerNames({ names, part }).part }));
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
