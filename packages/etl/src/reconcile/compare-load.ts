import type { Check, SinkWriter } from '@polyshift/core';
import { openLetters } from '../dead-letters/open-letters.ts';
import type { EmitEtl } from '../events.ts';
import { countsOf, type EtlRun, noCounts } from '../journal/records.ts';
import type { PreparedTarget } from '../load/targets.ts';
import { Meter } from '../pipeline/meter.ts';
import type { Prepared } from '../pipeline/prepare.ts';
import { quietly } from '../pipeline/quietly.ts';
import type { OpenStores } from '../pipeline/stores.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';
import { compareRun } from './compare-run.ts';
import { Comparison } from './comparison.ts';
import { type ComparedTarget, checksOf } from './verify-checks.ts';

/** What a comparison of a whole load works with. */
export interface CompareLoadParts {
  readonly loaded: LoadedSpec;
  readonly stores: OpenStores;
  readonly prepared: Prepared;
  /** A load whose rows are all written. */
  readonly run: EtlRun;
  readonly emit: EmitEtl;
  readonly signal: AbortSignal | undefined;
}

/** A load held against its source. */
export interface ComparedLoad {
  /** Rows that the source gives now, counted by the store. */
  readonly sourceRows: number;
  readonly rejectedRows: number;
  /** By target. */
  readonly comparisons: readonly Comparison[];
  readonly targets: readonly ComparedTarget[];
  readonly checks: readonly Check[];
}

/** Counts both sides, and compares every row of the source, transformed and encoded again, with the row that the target holds under its key. Reads only. */
export async function compareLoad(parts: CompareLoadParts): Promise<ComparedLoad> {
  const { loaded, stores, prepared, run } = parts;
  const wholeRows = !stores.target.adapter.capabilities.fixed_columns;
  const comparisons = prepared.targets.map(({ key, dynamic }) => new Comparison(key, dynamic || wholeRows));
  const writers = await presentWriters(stores, prepared, run);
  const letters = await openLetters(loaded, stores.target, run.dead_letters);
  await using _letters = quietly(letters);
  const sourceRows = await countSource(prepared);
  const meter = new Meter('verify', parts.emit, sourceRows);
  const compared = await compareRun({ prepared, run, writers, comparisons, letters, meter, signal: parts.signal });
  meter.tell();
  const targets: ComparedTarget[] = [];
  for (const [index, target] of prepared.targets.entries()) {
    const rows = writers[index] ? await stores.target.session.count(target.table) : 0;
    targets.push(comparedTarget(target, run, index, comparisons[index]!, rows));
  }
  return {
    sourceRows,
    rejectedRows: compared.rejected + compared.orphans,
    comparisons,
    targets,
    checks: checksOf(run, targets, { source: sourceRows, ...compared, plain: isPlain(prepared) }),
  };
}

/** Opening a target creates it where it is missing: a check must not. */
async function presentWriters(stores: OpenStores, { targets }: Prepared, run: EtlRun): Promise<(SinkWriter | undefined)[]> {
  const writers: (SinkWriter | undefined)[] = [];
  for (const [index, target] of targets.entries()) {
    const { collections } = await stores.target.session.introspect([target.table]);
    const there = Object.keys(collections).length > 0;
    const aside = run.targets[0]!.undo.aside;
    writers.push(there ? await stores.target.sink.open(target.sinkTarget(aside), run.targets[index]!.undo) : undefined);
  }
  return writers;
}

async function countSource({ flows }: Prepared): Promise<number> {
  let rows = 0;
  for (const { scan, looksForOrphans } of flows) if (!looksForOrphans) rows += await scan.count();
  return rows;
}

/** Whether each source row is one row of one target, so that their numbers can be held against each other. */
function isPlain({ flows, targets }: Prepared): boolean {
  const branches = flows.flatMap((flow) => flow.branches);
  return (
    targets.length === 1 &&
    flows.every((flow) => flow.branches.length <= 1) &&
    branches.every(({ compiled }) => !compiled.elements && !compiled.takes && !compiled.spec.distinct)
  );
}

function comparedTarget(
  target: PreparedTarget,
  run: EtlRun,
  index: number,
  comparison: Comparison,
  rows: number,
): ComparedTarget {
  const { missing, different, expected, actual } = comparison;
  const counts = countsOf(run.totals ?? noCounts, index);
  const { undo, rows_before, rows_loaded } = run.targets[index]!;
  // Of rows that many source rows share, only the run itself knows how many there are.
  const inserted = target.distinct
    ? (rows_loaded ?? 0) - counts.replaced
    : expected.count - counts.replaced - (target.mode === 'ignore' ? counts.already_there : 0) - missing;
  const extraRows = rows - rows_before - inserted;
  return {
    collection: target.table,
    before: undo.before,
    expected_rows: expected.count,
    target_rows: rows,
    checksums: { source: expected.sum, target: actual.sum },
    missing: { count: missing, examples: comparison.missingExamples },
    different: { count: different, examples: comparison.differentExamples },
    extra: { count: Math.max(0, extraRows) },
    extraRows,
  };
}
