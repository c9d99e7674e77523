import type { Batch, SinkWriter } from '@polyshift/core';
import { type LetterStore, sourceRowHash } from '../dead-letters/dead-letter.ts';
import type { EtlRun } from '../journal/records.ts';
import { encodeUnit } from '../load/write-unit.ts';
import type { Meter } from '../pipeline/meter.ts';
import type { Prepared, PreparedFlow } from '../pipeline/prepare.ts';
import { readAhead } from '../pipeline/read-ahead.ts';
import { type Unit, units } from '../pipeline/units.ts';
import { stopped } from '../retry.ts';
import type { Comparison } from './comparison.ts';

/** What a comparison of all rows works with. */
export interface CompareParts {
  readonly prepared: Prepared;
  readonly run: EtlRun;
  /** By target; a target that is not there has none. */
  readonly writers: readonly (SinkWriter | undefined)[];
  readonly comparisons: readonly Comparison[];
  readonly letters: LetterStore;
  readonly meter: Meter;
  readonly signal: AbortSignal | undefined;
}

/** Rows of the source as the comparison met them. */
export interface ComparedRows {
  readonly read: number;
  /** Rows that the load rejected, in whole or in part, or the rules reject now. */
  readonly rejected: number;
  /** Rows of joined tables that belong to no row of the source. */
  readonly orphans: number;
}

/** Makes every row of the source anew as the targets should hold it, and compares it with what they hold under its key. Reads only. */
export async function compareRun(parts: CompareParts): Promise<ComparedRows> {
  const credits = await rejectedRows(parts.run, parts.letters);
  const rows = { read: 0, rejected: 0, orphans: 0 };
  for (const flow of parts.prepared.flows) {
    const refused = flow.looksForOrphans ? 'orphans' : 'rejected';
    const [partition] = await flow.scan.partitions(1);
    const source = flow.scan.read(partition!, { batch_size: flow.readSize, signal: parts.signal });
    const clock = { extract_ms: 0, transform_ms: 0 };
    let last: Promise<number> = Promise.resolve(0);
    for await (const unit of units(readAhead(source), flow.transform, () => flow.unitSize, 0, clock)) {
      if (parts.signal?.aborted) throw stopped();
      // The next batch is read and transformed while the target is asked for this one.
      rows[refused] += await last;
      last = compareUnit(unit, flow, parts, credits);
      last.catch(() => undefined);
      if (!flow.looksForOrphans) rows.read += unit.rowsThrough - unit.rowsFrom;
    }
    rows[refused] += await last;
  }
  return rows;
}

async function compareUnit(
  unit: Unit,
  flow: PreparedFlow,
  { prepared, writers, comparisons, meter }: CompareParts,
  credits: Map<string, number>,
): Promise<number> {
  const { targets } = prepared;
  const encoders = writers.map((writer) => writer ?? asItIs);
  const encoded = encodeUnit(unit, flow, targets, encoders);
  const rejected = new Set([...unit.rejected.map(({ row }) => row), ...encoded.rejected.map(({ row }) => row)]);
  // Positions in the output of each branch that the load did not write.
  const missing: Set<number>[] = [];
  for (const [branch, { target, compiled }] of flow.branches.entries()) {
    const { parent, beside } = compiled.spec;
    const output = unit.outputs[branch]!;
    const { batch, positions } = encoded.outputs[branch]!;
    const writer = writers[target];
    const found = writer && positions.length > 0 ? await writer.lookup(batch) : emptied(batch);
    const absent = new Set<number>();
    missing.push(absent);
    let lastRow = -1;
    let item = 0;
    comparisons[target]!.add(batch, found, (index) => {
      const position = positions[index]!;
      const row = output.sourceRow(position);
      item = row === lastRow ? item + 1 : 0;
      lastRow = row;
      const withheld =
        rejected.has(row) ||
        (parent !== undefined && missing[parent]!.has(output.outer![position]!)) ||
        (beside !== undefined && missing[beside]!.has(position));
      if (withheld) absent.add(position);
      else if (credits.size > 0) {
        const whole = branch === 0 && spend(credits, `${hashOf(unit, row)} whole`);
        if (whole) rejected.add(row);
        if (whole || spend(credits, `${hashOf(unit, row)} ${branch} ${item}`)) absent.add(position);
      }
      return absent.has(position);
    });
    for (const position of absent) rejected.add(output.sourceRow(position));
  }
  meter.add(unit.rowsThrough - unit.rowsFrom);
  return rejected.size;
}

const asItIs: Pick<SinkWriter, 'encode'> = { encode: (batch) => ({ batch, losses: [], rejected: [], bytes: 0 }) };

function spend(credits: Map<string, number>, name: string): boolean {
  const left = credits.get(name) ?? 0;
  if (left === 0) return false;
  credits.set(name, left - 1);
  return true;
}

function hashOf(unit: Unit, row: number): string {
  const piece = unit.sources.findLast((each) => each.from <= row)!;
  return sourceRowHash(piece.batch, row - piece.from);
}

function emptied(batch: Batch): Batch {
  return batch.kind === 'rows' ? { ...batch, rows: [] } : { ...batch, documents: [] };
}

/** How often each source row, or a row made of it, was rejected. Those that are rejected again anyway need none of it. */
async function rejectedRows(run: EtlRun, letters: LetterStore): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  if ((run.totals?.rejected ?? 0) === 0) return rows;
  for await (const letter of letters.read(run.run_id)) {
    const name = letter.branch === null ? `${letter.row_hash} whole` : `${letter.row_hash} ${letter.branch} ${letter.item}`;
    rows.set(name, (rows.get(name) ?? 0) + 1);
  }
  return rows;
}
