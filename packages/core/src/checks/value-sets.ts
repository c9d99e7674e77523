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
  const passes = await passesOver(session, of);
  const found = new Found();
  for (let pass = 0; pass < passes; pass++) {
    const seen = new Set<string>();
    for await (const { text, hash } of valuesOf(session, of, pass, passes)) {
      if (seen.has(hash)) found.add(text);
      seen.add(hash);
    }
  }
  return found;
}

/** How many different values the fields have together; rows with null in one of them are left out. */
export async function distinctValues(session: StoreSession, of: FieldsOf): Promise<number> {
  const passes = await passesOver(session, of);
  let count = 0;
  for (let pass = 0; pass < passes; pass++) count += (await hashesOf(session, of, pass, passes)).size;
  return count;
}

/** The rows whose values stand in no row of the other collection. */
export async function unmatchedValues(session: StoreSession, of: FieldsOf, others: FieldsOf): Promise<FoundRows> {
  const passes = await passesOver(session, others);
  const found = new Found();
  for (let pass = 0; pass < passes; pass++) {
    const there = await hashesOf(session, others, pass, passes);
    for await (const { text, hash } of valuesOf(session, of, pass, passes)) if (!there.has(hash)) found.add(text);
  }
  return found;
}

/** How often a collection is read so that what is held of it at once fits into memory. */
async function passesOver(session: StoreSession, { collection, conditions }: FieldsOf): Promise<number> {
  return Math.max(1, Math.ceil((await session.count(collection, conditions)) / heldAtOnce));
}

/** The values of the rows that belong to a pass; rows with null in one of the fields are left out. */
async function* valuesOf(
  session: StoreSession,
  of: FieldsOf,
  pass: number,
  passes: number,
): AsyncGenerator<{ text: string; hash: string }> {
  for await (const values of readFields(session, of)) {
    const text = rowText(values);
    if (text === null) continue;
    const hash = hashOf(text);
    if (passOf(hash, passes) === pass) yield { text, hash };
  }
}

async function hashesOf(session: StoreSession, of: FieldsOf, pass: number, passes: number): Promise<Set<string>> {
  const hashes = new Set<string>();
  for await (const { hash } of valuesOf(session, of, pass, passes)) hashes.add(hash);
  return hashes;
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
