import { basename, resolve } from 'node:path';
import type { JsonValue, RejectedRow } from '@polyshift/core';
import { batchSize, PolyshiftError } from '@polyshift/core';
import { type DeadLetter, sourceRowHash, sourceRowJson } from '../dead-letter.ts';
import type { Unit } from '../pipeline/units.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';

/** The dead-letter file of a spec: `rejected_file`, or NAME.rejected.ndjson in the folder of the spec. */
export function rejectedFile(loaded: LoadedSpec): string {
  return resolve(loaded.folder, loaded.spec.rejected_file ?? `${loaded.spec.name}.rejected.ndjson`);
}

/** The rejected rows of a unit as lines of the dead-letter file: those of the rules, of encode and of write. */
export function deadLetters(parts: {
  unit: Unit;
  runId: string;
  partition: number;
  sourceKey: readonly string[];
  /** Rejected while encoding; indexes are of the unit's batch. */
  encoded: readonly RejectedRow[];
  /** Rejected while writing; indexes are of the encoded batch, which has no rows that encode rejected. */
  written: readonly RejectedRow[];
}): DeadLetter[] {
  const { unit, runId, partition, sourceKey, encoded, written } = parts;
  const letter = (row: number, code: DeadLetter['code'], message: string, key: JsonValue | undefined): DeadLetter => {
    const piece = unit.sources.findLast((each) => each.from <= row)!;
    const values = sourceRowJson(piece.batch, row - piece.from);
    return {
      run_id: runId,
      partition,
      row,
      key: key === undefined ? keyOf(values, sourceKey) : key,
      code,
      message,
      values,
      row_hash: sourceRowHash(piece.batch, row - piece.from),
    };
  };
  const left = positionsLeft(unit, encoded);
  return [
    ...unit.rejected.map(({ row, field, code, message }) => letter(row, code, `${field}: ${message}`, undefined)),
    ...encoded.map(({ index, code, message, key }) => letter(unit.rowNumbers(index), code, message, key)),
    ...written.map(({ index, code, message, key }) => letter(unit.rowNumbers(left(index)), code, message, key)),
  ];
}

/** From a position in the encoded batch to the one in the unit's batch. */
function positionsLeft(unit: Unit, rejected: readonly RejectedRow[]): (index: number) => number {
  if (rejected.length === 0) return (index) => index;
  const gone = new Set(rejected.map((each) => each.index));
  const left = Array.from({ length: batchSize(unit.batch) }, (_, index) => index).filter((index) => !gone.has(index));
  return (index) => left[index]!;
}

function keyOf(values: JsonValue, key: readonly string[]): JsonValue {
  const object = values as { [name: string]: JsonValue };
  return key.length === 1 ? (object[key[0]!] ?? null) : Object.fromEntries(key.map((name) => [name, object[name] ?? null]));
}

/** Counts rejected rows of all partitions and says when they are too many. */
export class RejectionLimit {
  private readonly limit: number | string;
  private readonly file: string;
  private rejected: number;
  private read: number;
  private readonly expected: number | undefined;

  /** @param expected rows that the source will give, about. */
  constructor(limit: number | string, file: string, rejected: number, read: number, expected: number | undefined) {
    this.limit = limit;
    this.file = file;
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
        hint: `The rejected rows are in ${basename(this.file)}. Correct them or the spec's rules, or raise max_rejected, and run again: it goes on where it stopped. \`polyshift etl rollback\` takes the load back.`,
        data: { rejected: this.rejected, file: this.file, ...(first ? { key: first.key, reason: first.code } : {}) },
      },
    );
  }
}
