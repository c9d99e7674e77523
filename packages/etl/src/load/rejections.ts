import { basename } from 'node:path';
import { type JsonValue, ownValue, PolyshiftError } from '@polyshift/core';
import { type DeadLetter, sourceRowHash, sourceRowJson } from '../dead-letters/dead-letter.ts';
import type { Chunk } from '../engine/engine.ts';
import type { PreparedFlow } from '../pipeline/prepare.ts';
import type { IssuedUnit } from '../pipeline/units.ts';
import type { PreparedTarget } from './targets.ts';
import type { BranchRejection } from './write-unit.ts';

/** The rejected rows of a unit as dead letters: those of the source and the rules, of encode and of write. */
export function deadLetters(parts: {
  readonly unit: IssuedUnit;
  readonly runId: string;
  /** Tells the letters of this attempt from those of others. */
  readonly attempt: string;
  readonly chunk: Pick<Chunk, 'id' | 'flow'>;
  readonly flow: PreparedFlow;
  readonly targets: readonly PreparedTarget[];
  readonly encoded: readonly BranchRejection[];
  readonly written: readonly BranchRejection[];
}): DeadLetter[] {
  const { unit, runId, attempt, chunk, flow, targets, encoded, written } = parts;
  const sourceKey = flow.scan.description.key;
  const letter = (
    row: number,
    { code, message }: Pick<DeadLetter, 'code' | 'message'>,
    part?: { readonly key: JsonValue; readonly branch: number; readonly item: number },
  ): DeadLetter => {
    const piece = unit.sources.findLast((each) => each.from <= row)!;
    const values = sourceRowJson(piece.batch, row - piece.from);
    const place = [attempt, chunk.id, row, ...(part ? [part.branch, part.item] : [])];
    return {
      id: `${runId}/${place.join('/')}`,
      run_id: runId,
      flow: chunk.flow,
      partition: chunk.id,
      row,
      source_table: flow.table,
      key: part ? part.key : keyOf(values, sourceKey),
      code,
      message,
      target: part ? targets[flow.branches[part.branch]!.target]!.table : null,
      branch: part?.branch ?? null,
      item: part?.item ?? null,
      values,
      row_hash: sourceRowHash(piece.batch, row - piece.from),
    };
  };
  // A row that several branches could not convert is rejected once.
  const whole = new Map<number, DeadLetter>();
  for (const { row, field, code, message } of unit.rejected) {
    if (!whole.has(row)) whole.set(row, letter(row, { code, message: field === '' ? message : `${field}: ${message}` }));
  }
  for (const { row, rejection } of encoded) if (!whole.has(row)) whole.set(row, letter(row, rejection));
  return [
    ...whole.values(),
    ...written.map(({ row, branch, item, rejection }) => letter(row, rejection, { key: rejection.key, branch, item })),
  ];
}

function keyOf(values: JsonValue, key: readonly string[]): JsonValue {
  const object = values as { [name: string]: JsonValue };
  const own = (name: string): JsonValue => ownValue(object, name) ?? null;
  return key.length === 1 ? own(key[0]!) : Object.fromEntries(key.map((name) => [name, own(name)]));
}

/** Counts rejected rows of all partitions and says when they are too many. */
export class RejectionLimit {
  private readonly limit: number | string;
  private readonly place: string;
  private rejected: number;
  private read: number;
  private readonly expected: number | undefined;

  /**
   * @param place where the rejected rows are, for people
   * @param expected rows that the source will give, about
   */
  constructor(limit: number | string, place: string, rejected: number, read: number, expected: number | undefined) {
    this.limit = limit;
    this.place = place;
    this.rejected = rejected;
    this.read = read;
    this.expected = expected;
  }

  /** Takes what became of a unit. Throws ROW_REJECTED, or LOSS_REFUSED where that is why, as soon as the limit cannot be kept any more. */
  add(rows: number, letters: readonly DeadLetter[]): void {
    this.read += rows;
    this.rejected += letters.length;
    if (letters.length === 0) return;
    // A percentage is of all rows, and those are known at the end: until then of those expected.
    const base = typeof this.limit === 'string' ? Math.max(this.read, this.expected ?? Number.POSITIVE_INFINITY) : 0;
    this.check(base, letters[0]);
  }

  /** Takes what became of all rows so far, where others have dealt with them. Throws what {@link add} throws. */
  set(read: number, rejected: number): void {
    this.read = read;
    this.rejected = rejected;
    const base = typeof this.limit === 'string' ? Math.max(read, this.expected ?? Number.POSITIVE_INFINITY) : 0;
    this.check(base, undefined);
  }

  /** Judges at the end, when all rows have been read. */
  finish(): void {
    this.check(this.read, undefined);
  }

  private check(base: number, first: DeadLetter | undefined): void {
    const allowed = typeof this.limit === 'number' ? this.limit : Math.floor((base * Number.parseFloat(this.limit)) / 100);
    if (this.rejected <= allowed) return;
    const example = first ? `; row ${JSON.stringify(first.key)}: ${first.message}` : '';
    throw new PolyshiftError(
      first?.code === 'LOSS_REFUSED' ? 'LOSS_REFUSED' : 'ROW_REJECTED',
      `${this.rejected} rows were rejected and the spec allows ${this.limit}${example}`,
      {
        hint: `The rejected rows are in ${basename(this.place)}. Correct them or the spec's rules, or raise max_rejected, and run again: it goes on where it stopped. \`polyshift etl rollback\` takes the load back.`,
        data: { rejected: this.rejected, dead_letters: this.place, ...(first ? { key: first.key, reason: first.code } : {}) },
      },
    );
  }
}
