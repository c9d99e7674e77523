import { type Check, type JsonValue, PolyshiftError, type SinkWriter } from '@polyshift/core';
import { openLetters } from './dead-letters/open-letters.ts';
import type { EtlDependencies } from './dependencies.ts';
import { countsOf, EtlRecords, type EtlRun, noCounts } from './journal/records.ts';
import type { PreparedTarget } from './load/targets.ts';
import { settledFields } from './pipeline/begin-run.ts';
import { Meter } from './pipeline/meter.ts';
import { type Prepared, prepare } from './pipeline/prepare.ts';
import { quietly } from './pipeline/quietly.ts';
import { type OpenStores, openStores } from './pipeline/stores.ts';
import { compareRun } from './reconcile/compare-run.ts';
import { Comparison, type RowDifference } from './reconcile/comparison.ts';
import { type ComparedTarget, checksOf, type VerifiedTarget } from './reconcile/verify-checks.ts';
import { noRun } from './rollback.ts';
import type { LoadedSpec } from './spec/load-spec.ts';
import { specChecksum } from './spec/spec-checksum.ts';

/** What `etl verify` found; the JSON output. */
export interface EtlVerifyReport {
  readonly spec: string;
  readonly run_id: string;
  /** Whether no check has failed. */
  readonly ok: boolean;
  /** Rows that the source gives now, counted by the store. */
  readonly source_rows: number;
  /** Rows that should be in the target: without those that the run or the rules rejected. */
  readonly expected_rows: number;
  /** Rows that the target holds in all, counted by the store. */
  readonly target_rows: number;
  readonly rejected_rows: number;
  /** Order-independent sums over all rows as the target should hold them, and as it does. */
  readonly checksums: { readonly source: string; readonly target: string };
  readonly missing: { readonly count: number; readonly examples: readonly JsonValue[] };
  readonly different: { readonly count: number; readonly examples: readonly RowDifference[] };
  /** Rows in the target that neither the load nor what was there before explains. */
  readonly extra: { readonly count: number };
  /** The same by target, in the order of loading. */
  readonly targets: readonly VerifiedTarget[];
  readonly checks: readonly Check[];
  readonly duration_ms: number;
}

/**
 * Proves a finished load: counts on both sides, and every row of the source, transformed and encoded again, against the row that the target
 * holds under its key. Reads only. Throws NO_RUN, UNFINISHED_RUN, SPEC_CHANGED.
 */
export async function verifyEtl(loaded: LoadedSpec, dependencies: EtlDependencies): Promise<EtlVerifyReport> {
  const startedAt = performance.now();
  await using stores = await openStores(loaded, dependencies);
  const run = await finishedRun(loaded, stores);
  const prepared = await prepare(loaded, stores, { settled: settledFields(run) });
  await using _scan = quietly(prepared);
  const { targets } = prepared;
  const wholeRows = !stores.target.adapter.capabilities.fixed_columns;
  const comparisons = targets.map(({ key, dynamic }) => new Comparison(key, dynamic || wholeRows));
  const writers = await presentWriters(stores, prepared, run);
  const letters = await openLetters(loaded, stores.target, run.dead_letters);
  await using _letters = quietly(letters);
  const sourceRows = await countSource(prepared);
  const meter = new Meter('verify', dependencies.emit ?? (() => undefined), sourceRows);
  const compared = await compareRun({ prepared, run, writers, comparisons, letters, meter, signal: dependencies.signal });
  meter.tell();
  const verified: ComparedTarget[] = [];
  for (const [index, target] of targets.entries()) {
    const rows = writers[index] ? await stores.target.session.count(target.table) : 0;
    verified.push(comparedTarget(target, run, index, comparisons[index]!, rows));
  }
  const checks = checksOf(run, verified, { source: sourceRows, ...compared, plain: isPlain(prepared) });
  const all = new Comparison([], false);
  for (const { expected, actual } of comparisons) {
    all.expected.merge(expected);
    all.actual.merge(actual);
  }
  return {
    spec: loaded.spec.name,
    run_id: run.run_id,
    ok: checks.every((check) => check.status !== 'FAILED'),
    source_rows: sourceRows,
    expected_rows: all.expected.count,
    target_rows: verified.reduce((sum, each) => sum + each.target_rows, 0),
    rejected_rows: compared.rejected + compared.orphans,
    checksums: { source: all.expected.sum, target: all.actual.sum },
    missing: joined(verified.map(({ missing }) => missing)),
    different: joined(verified.map(({ different }) => different)),
    extra: { count: verified.reduce((sum, { extra }) => sum + extra.count, 0) },
    targets: verified.map(({ extraRows: _, before: _before, ...target }) => target),
    checks,
    duration_ms: Math.round(performance.now() - startedAt),
  };
}

function joined<Example>(parts: readonly { readonly count: number; readonly examples: readonly Example[] }[]): {
  count: number;
  examples: Example[];
} {
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    examples: parts.flatMap(({ examples }) => examples),
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

async function finishedRun(loaded: LoadedSpec, stores: OpenStores): Promise<EtlRun> {
  const run = await new EtlRecords(stores.target.session.journal, loaded.spec.name).run();
  if (!run || run.state === 'rolled_back') throw noRun(loaded);
  if (run.state !== 'done') {
    throw new PolyshiftError('UNFINISHED_RUN', `the run of "${run.spec_name}" stopped part-way`, {
      hint:
        run.state === 'running'
          ? 'Finish it by `polyshift etl run`, or take it back by `polyshift etl rollback`.'
          : 'Finish the rollback by `polyshift etl rollback`.',
    });
  }
  if (run.spec_checksum !== (await specChecksum(loaded))) {
    throw new PolyshiftError('SPEC_CHANGED', `"${run.spec_name}" has changed since it was loaded on ${run.finished_at}`, {
      hint: 'Put the spec back as it was to verify that load.',
    });
  }
  return run;
}
