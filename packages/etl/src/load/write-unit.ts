import type { Batch, EncodedBatch, Loss, RejectedRow, SinkWriter, WriteResult } from '@polyshift/core';
import type { TargetCounts } from '../journal/records.ts';
import { addTargetCounts } from '../journal/records.ts';
import type { PreparedFlow } from '../pipeline/prepare.ts';
import type { IssuedUnit, Unit } from '../pipeline/units.ts';
import { documentsOf, pickRows, sliceRows } from '../transform/transform-batch.ts';
import { distinctRows } from './distinct.ts';
import type { PreparedTarget } from './targets.ts';

/** A row of a branch that could not be loaded. */
export interface BranchRejection {
  /** The position of the branch. */
  readonly branch: number;
  /** The number of the source row in its partition. */
  readonly row: number;
  /** Which of the rows that the branch made of the source row, from 0. */
  readonly item: number;
  readonly rejection: Omit<RejectedRow, 'index'>;
}

/** What one branch of a unit writes, in the form of its target. */
export interface EncodedOutput {
  readonly batch: Batch;
  /** For each row of `batch` its position in the output of the branch. */
  readonly positions: readonly number[];
}

/** A unit in the form of its targets. */
export interface EncodedUnit {
  readonly outputs: readonly EncodedOutput[];
  readonly rejected: readonly BranchRejection[];
  readonly losses: readonly Loss[];
}

/**
 * Encodes what the branches have made. A source row that does not convert in one of them is left out of all: as far as can be known before
 * a write it is loaded whole or not at all.
 */
export function encodeUnit(
  unit: Unit,
  flow: PreparedFlow,
  targets: readonly PreparedTarget[],
  writers: readonly Pick<SinkWriter, 'encode'>[],
): EncodedUnit {
  const encoded = flow.branches.map(({ target }, branch): EncodedBatch => {
    const { batch } = unit.outputs[branch]!;
    return writers[target]!.encode(targets[target]!.dynamic ? documentsOf(batch) : batch);
  });
  const rejected = encoded.flatMap((each, branch) =>
    each.rejected.map(({ index, ...rejection }) => branchRejection(unit, branch, index, rejection)),
  );
  const gone = new Set(rejected.map(({ row }) => row));
  return {
    outputs: encoded.map((each, branch) => {
      const all = numbersBelow(unit.outputs[branch]!.rows);
      const refused = new Set(each.rejected.map(({ index }) => index));
      const left = refused.size === 0 ? all : all.filter((index) => !refused.has(index));
      if (gone.size === 0) return { batch: each.batch, positions: left };
      const kept = left.flatMap((position, index) => (gone.has(unit.outputs[branch]!.sourceRow(position)) ? [] : [index]));
      return { batch: pickRows(each.batch, kept), positions: kept.map((index) => left[index]!) };
    }),
    rejected,
    losses: [...unit.losses, ...encoded.flatMap(({ losses }) => losses)],
  };
}

/** Writes rows of one target; the indexes of rejected rows are of the batch. */
export type WriteRows = (target: number, batch: Batch) => Promise<WriteResult>;

/** What became of a unit. */
export interface WrittenUnit {
  /** By target. */
  readonly counts: readonly TargetCounts[];
  readonly rejected: readonly BranchRejection[];
}

/**
 * Writes a unit, parents before the rows that belong to them. A row whose parent could not be written is not written either: it comes
 * with its source row when that is loaded again.
 */
export async function writeUnit(
  unit: IssuedUnit,
  encoded: EncodedUnit,
  flow: PreparedFlow,
  targets: readonly PreparedTarget[],
  write: WriteRows,
): Promise<WrittenUnit> {
  const counts = targets.map((): TargetCounts => ({ inserted: 0, replaced: 0, already_there: 0 }));
  const rejected: BranchRejection[] = [];
  // Positions in the output of each branch that are not in the target.
  const missing: Set<number>[] = [];
  for (const [branch, { compiled, target, batchSize: most }] of flow.branches.entries()) {
    const { parent, beside } = compiled.spec;
    const { outer } = unit.outputs[branch]!;
    const output = encoded.outputs[branch]!;
    const withheld = (position: number): boolean =>
      (parent !== undefined && missing[parent]!.has(outer![position]!)) ||
      (beside !== undefined && missing[beside]!.has(position));
    const dependent = (parent !== undefined && missing[parent]!.size > 0) || (beside !== undefined && missing[beside]!.size > 0);
    const absent = new Set(dependent ? output.positions.filter(withheld) : []);
    missing.push(absent);
    const rows = dependent
      ? pickRows(
          output.batch,
          output.positions.flatMap((position, index) => (absent.has(position) ? [] : [index])),
        )
      : output.batch;
    const positions = dependent ? output.positions.filter((position) => !absent.has(position)) : output.positions;
    for (let from = 0; from < positions.length; from += most) {
      const part = positions.length <= most ? rows : sliceRows(rows, from, from + most);
      const result = await writeDistinct(part, targets[target]!, (batch) => write(target, batch));
      counts[target] = addTargetCounts(counts[target]!, result);
      for (const { index, ...rejection } of result.rejected) {
        const position = positions[from + index]!;
        absent.add(position);
        rejected.push(branchRejection(unit, branch, position, rejection));
      }
    }
  }
  return { counts, rejected };
}

async function writeDistinct(
  batch: Batch,
  target: PreparedTarget,
  write: (batch: Batch) => Promise<WriteResult>,
): Promise<WriteResult> {
  if (!target.distinct) return write(batch);
  const { batch: once, positions, repeated, rejected } = distinctRows(batch, target.key, target.mode);
  const written = await write(once);
  return {
    ...written,
    already_there: written.already_there + repeated,
    rejected: [...rejected, ...written.rejected.map((each) => ({ ...each, index: positions[each.index]! }))],
  };
}

function branchRejection(
  unit: IssuedUnit,
  branch: number,
  position: number,
  rejection: Omit<RejectedRow, 'index'>,
): BranchRejection {
  const output = unit.outputs[branch]!;
  const row = output.sourceRow(position);
  let item = 0;
  while (position - item > 0 && output.sourceRow(position - item - 1) === row) item++;
  return { branch, row, item, rejection };
}

function numbersBelow(end: number): number[] {
  const numbers: number[] = [];
  for (let number = 0; number < end; number++) numbers.push(number);
  return numbers;
}
