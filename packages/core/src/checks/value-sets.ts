import { createHash } from 'node:crypto';
import type { StoreSession } from '../adapter/adapter.ts';
import type { Batch } from '../adapter/batch.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { Conditions } from '../operation/condition.ts';
import { canonicalText } from '../value/canonical.ts';
import type { PortableValue } from '../value/portable-value.ts';

/** Values that are held in memory at once, about; more are compared in several passes over the collection. */
const heldAtOnce = 2_000_000;

/** One row as these checks see it. */
interface Row {
  /** The values of the fields as one text, equal for equal values; null where one of them is null or missing. */
  readonly text: string | null;
}

/** Rows that were found, and the values of some. */
export interface FoundRows {
  readonly count: number;
  readonly examples: readonly string[];
}

/** What rows are read. */
export interface FieldsOf {
  readonly collection: string;
  readonly fields: readonly string[];
  readonly conditions?: Conditions | undefined;
}

/** The rows whose values stood in an earlier row already. */
export async function repeatedValues(session: StoreSession, of: FieldsOf): Promise<FoundRows> {
  const passes = Math.max(1, Math.ceil((await session.count(of.collection, of.conditions)) / heldAtOnce));
  const found = new Found();
  for (let pass = 0; pass < passes; pass++) {
    const seen = new Set<string>();
    for await (const { text } of readFields(session, of)) {
      if (text === null) continue;
      const hash = hashOf(text);
      if (passOf(hash, passes) !== pass) continue;
      if (seen.has(hash)) found.add(text);
      seen.add(hash);
    }
  }
  return found;
}

/** The rows whose values stand in no row of the other collection. */
export async function unmatchedValues(session: StoreSession, of: FieldsOf, others: FieldsOf): Promise<FoundRows> {
  const passes = Math.max(1, Math.ceil((await session.count(others.collection)) / heldAtOnce));
  const found = new Found();
  for (let pass = 0; pass < passes; pass++) {
    const there = new Set<string>();
    for await (const { text } of readFields(session, others)) {
      if (text === null) continue;
      const hash = hashOf(text);
      if (passOf(hash, passes) === pass) there.add(hash);
    }
    for await (const { text } of readFields(session, of)) {
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

async function* readFields(session: StoreSession, { collection, fields, conditions }: FieldsOf): AsyncGenerator<Row> {
  if (!session.source) {
    throw new PolyshiftError(
      'UNSUPPORTED_OPERATION',
      `rows of ${collection} cannot be read: the adapter of this store has no source`,
    );
  }
  await using scan = await session.source.scan({ collection, conditions, fields });
  for (const partition of await scan.partitions(1))
    for await (const { batch } of scan.read(partition, { batch_size: 5000 })) yield* rowsOf(batch, fields);
}

function* rowsOf(batch: Batch, fields: readonly string[]): Generator<Row> {
  if (batch.kind === 'documents') {
    for (const document of batch.documents) {
      yield rowOf(
        fields.map((field) => {
          const raw = batch.get(document, field);
          return raw === undefined || raw === null ? null : canonical(batch.decodeValue(raw));
        }),
      );
    }
    return;
  }
  const columns = fields.map((field) => batch.columns.findIndex((column) => column.name === field));
  for (const row of batch.rows) {
    yield rowOf(
      columns.map((position) => {
        const raw = row[position];
        const column = batch.columns[position];
        return raw === undefined || raw === null || !column ? null : canonicalText(column.type, column.decode(raw));
      }),
    );
  }
}

function canonical(value: PortableValue): string | null {
  return value === null ? null : canonicalText({ kind: 'dynamic' }, value);
}

function rowOf(texts: readonly (string | null)[]): Row {
  return { text: texts.includes(null) ? null : texts.join(', ') };
}

function hashOf(text: string): string {
  return createHash('md5').update(text).digest('base64');
}

function passOf(hash: string, passes: number): number {
  return passes === 1 ? 0 : hash.charCodeAt(0) % passes;
}
