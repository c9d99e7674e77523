import { createHash } from 'node:crypto';
import type { StoreSession } from '../adapter/adapter.ts';
import { type FieldsOf, readFields, rowText } from './read-fields.ts';

/** Values that are held in memory at once, about; more are compared in several passes over the collection. */
const heldAtOnce = 2_000_000;

/** Rows that were found, and the values of some. */
export interface FoundRows {
  readonly count: number;
  readonly examples: readonly string[];
}

/** The rows whose values stood in an earlier row already. */
export async function repeatedValues(session: StoreSession, of: FieldsOf): Promise<FoundRows> {
  const passes = Math.max(1, Math.ceil((await session.count(of.collection, of.conditions)) / heldAtOnce));
  const found = new Found();
  for (let pass = 0; pass < passes; pass++) {
    const seen = new Set<string>();
    for await (const values of readFields(session, of)) {
      const text = rowText(values);
      if (text === null) continue;
      const hash = hashOf(text);
      if (passOf(hash, passes) !== pass) continue;
      if (seen.has(hash)) found.add(text);
      seen.add(hash);
    }
  }
  return found;
}

/** How many different values the fields have together; rows with null in one of them are left out. */
export async function distinctValues(session: StoreSession, of: FieldsOf): Promise<number> {
  const passes = Math.max(1, Math.ceil((await session.count(of.collection, of.conditions)) / heldAtOnce));
  let count = 0;
  for (let pass = 0; pass < passes; pass++) {
    const seen = new Set<string>();
    for await (const values of readFields(session, of)) {
      const text = rowText(values);
      if (text === null) continue;
      const hash = hashOf(text);
      if (passOf(hash, passes) === pass) seen.add(hash);
    }
    count += seen.size;
  }
  return count;
}

/** The rows whose values stand in no row of the other collection. */
export async function unmatchedValues(session: StoreSession, of: FieldsOf, others: FieldsOf): Promise<FoundRows> {
  const passes = Math.max(1, Math.ceil((await session.count(others.collection)) / heldAtOnce));
  const found = new Found();
  for (let pass = 0; pass < passes; pass++) {
    const there = new Set<string>();
    for await (const values of readFields(session, others)) {
      const text = rowText(values);
      if (text === null) continue;
      const hash = hashOf(text);
      if (passOf(hash, passes) === pass) there.add(hash);
    }
    for await (const values of readFields(session, of)) {
      const text = rowText(values);
      if (text === null) continue;
      const hash = hashOf(text);
      if (passOf(hash, passes) === pass && !there.has(hash)) found.add(text);
    }
  }
  return found;
}

class Found implements FoundRows {
  count = 0;
  readonly examples: string[] = [];

  add(text: string): void {
    this.count++;
    if (this.examples.length < 5 && !this.examples.includes(text)) this.examples.push(text);
  }
}

function hashOf(text: string): string {
  return createHash('md5').update(text).digest('base64');
}

function passOf(hash: string, passes: number): number {
  return passes === 1 ? 0 : hash.charCodeAt(0) % passes;
}
