import { batchSize, type Conditions, type JsonValue, ownValue } from '@polyshift/core';
import type { PreparedFlow } from '../pipeline/prepare.ts';
import { type Unit, units } from '../pipeline/units.ts';
import { type DeadLetter, sourceRowJson } from './dead-letter.ts';

/** The letters about one source row. */
export interface LetterGroup {
  /** The key of the source row, by field. */
  readonly key: readonly JsonValue[];
  readonly letters: DeadLetter[];
}

/** Sorts the letters of one flow by their source rows. */
export function groupsOf(letters: readonly DeadLetter[], key: readonly string[]): Map<string, LetterGroup> {
  const groups = new Map<string, LetterGroup>();
  for (const letter of letters) {
    const values = keyValues(letter.values, key) ?? (letter.target === null ? keyOfKey(letter.key, key) : undefined);
    // A letter without its values and without the key of its source row names no row.
    const text = values ? JSON.stringify(values) : `letter ${letter.id}`;
    const group = groups.get(text) ?? { key: values ?? [], letters: [] };
    groups.set(text, group);
    group.letters.push(letter);
  }
  return groups;
}

/** The conditions that the source rows of the groups meet. */
export function conditionsOf(groups: Iterable<LetterGroup>, key: readonly string[]): Conditions {
  const keys = [...groups].map((group) => group.key).filter((values) => values.length > 0);
  if (key.length === 1) return { [key[0]!]: { in: keys.map(([value]) => value) } };
  return { or: keys.map((values) => Object.fromEntries(key.map((field, index) => [field, values[index]]))) };
}

/** The units of the source rows that meet conditions, through the rules of a flow. */
export async function* unitsWhere(flow: PreparedFlow, conditions: Conditions): AsyncGenerator<Unit> {
  const scan = await flow.only(conditions);
  try {
    const clock = { extract_ms: 0, transform_ms: 0 };
    for (const partition of await scan.partitions(1)) {
      const batches = scan.read(partition, { batch_size: flow.readSize });
      yield* units(batches, flow.transform, () => flow.unitSize, 0, clock);
    }
  } finally {
    await scan[Symbol.asyncDispose]();
  }
}

/** The source rows of a unit with the texts that {@link groupsOf} has for their keys, by their number. */
export function rowTexts(unit: Unit, key: readonly string[]): Map<number, string> {
  const texts = new Map<number, string>();
  for (const { batch, from } of unit.sources) {
    for (let index = 0; index < batchSize(batch); index++) {
      texts.set(from + index, JSON.stringify(keyValues(sourceRowJson(batch, index), key)));
    }
  }
  return texts;
}

function keyValues(row: JsonValue, key: readonly string[]): JsonValue[] | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined;
  return key.map((field) => ownValue(row, field) ?? null);
}

function keyOfKey(key: JsonValue, fields: readonly string[]): JsonValue[] | undefined {
  return fields.length === 1 ? [key] : keyValues(key, fields);
}
