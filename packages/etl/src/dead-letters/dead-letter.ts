import { createHash } from 'node:crypto';
import { type Batch, canonicalText, documentText, type ErrorCode, type JsonValue, jsonOf } from '@polyshift/core';

/** A row that was rejected: one line of JSON in a dead-letter file, one row of a dead-letter table. */
export interface DeadLetter {
  /** Unique, also over attempts: the same rejection has the same id only within one attempt. */
  readonly id: string;
  readonly run_id: string;
  /** The position of the extract step among those of the spec, searches for orphans behind them. */
  readonly flow: number;
  readonly partition: number;
  /** Number of the row in its partition, from 0. */
  readonly row: number;
  /** The table or collection that was read. */
  readonly source_table: string;
  /** The key of the source row, or that of the target row where `target` is set. */
  readonly key: JsonValue;
  readonly code: ErrorCode;
  readonly message: string;
  /** The target that refused a part of the row; null where nothing of the row was loaded. */
  readonly target: string | null;
  /** The position of the load, and the position of the target row among those that it made of the source row; null with `target`. */
  readonly branch: number | null;
  readonly item: number | null;
  /** The source row as JSON. */
  readonly values: JsonValue;
  /** Identifies the source row by all its values. */
  readonly row_hash: string;
}

/** Where dead letters are kept. */
export interface LetterStore extends AsyncDisposable {
  /** Where, for people: a path, or `the table NAME`. */
  readonly name: string;
  /** Keeps letters; they are durable when the promise resolves. */
  append(letters: readonly DeadLetter[]): Promise<void>;
  /** The letters of a run. */
  read(runId: string): AsyncIterable<DeadLetter>;
  /** Deletes letters of a run; those that are gone are passed over. */
  remove(runId: string, letters: readonly DeadLetter[]): Promise<void>;
}

/** Letters that are dealt with at once, at most. */
const lettersAtOnce = 500;

/** Deletes the letters of a run for which `gone` holds. */
export async function removeWhere(store: LetterStore, runId: string, gone: (letter: DeadLetter) => boolean): Promise<void> {
  const found: DeadLetter[] = [];
  for await (const letter of store.read(runId)) if (gone(letter)) found.push(letter);
  for (let from = 0; from < found.length; from += lettersAtOnce) {
    await store.remove(runId, found.slice(from, from + lettersAtOnce));
  }
}

/** A source row as JSON by name. */
export function sourceRowJson(batch: Batch, index: number): JsonValue {
  if (batch.kind === 'documents') return jsonOf({ kind: 'document' }, batch.decode(batch.documents[index]));
  const row = batch.rows[index]!;
  return Object.fromEntries(
    batch.columns.flatMap((column, position): [string, JsonValue][] => {
      const raw = row[position];
      if (raw === undefined) return [];
      return [[column.name, raw === null ? null : jsonOf(column.type, column.decode(raw))]];
    }),
  );
}

/** What identifies a source row by all its values. */
export function sourceRowHash(batch: Batch, index: number): string {
  const text =
    batch.kind === 'documents'
      ? documentText(batch.decode(batch.documents[index]))
      : batch.columns
          .map((column, position) => {
            const raw = batch.rows[index]![position];
            return raw === undefined ? 'u' : raw === null ? 'n' : canonicalText(column.type, column.decode(raw));
          })
          .join('|');
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
