import { type Check, type JsonValue, PolyshiftError } from '@polyshift/core';
import { runSpecChecks } from './checks/run-spec-checks.ts';
import type { EtlDependencies } from './dependencies.ts';
import { EtlRecords, type EtlRun } from './journal/records.ts';
import { settledFields } from './pipeline/begin-run.ts';
import { prepare } from './pipeline/prepare.ts';
import { quietly } from './pipeline/quietly.ts';
import { type OpenStores, openStores } from './pipeline/stores.ts';
import { whileStoresAnswer } from './pipeline/while-stores-answer.ts';
import { compareLoad } from './reconcile/compare-load.ts';
import { Comparison, type RowDifference } from './reconcile/comparison.ts';
import type { VerifiedTarget } from './reconcile/verify-checks.ts';
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
 * Proves a load whose rows are all written: counts on both sides, and every row of the source, transformed and encoded again, against the row that the target
 * holds under its key; then the checks that the spec has after a load. Reads only. Throws NO_RUN, UNFINISHED_RUN, SPEC_CHANGED,
 * STOPPED, and CONNECTION_LOST also where a store answers nothing any more.
 */
export async function verifyEtl(loaded: LoadedSpec, dependencies: EtlDependencies): Promise<EtlVerifyReport> {
  const startedAt = performance.now();
  await using stores = await openStores(loaded, dependencies);
  const sessions = [stores.source.session, stores.target.session];
  return await whileStoresAnswer(sessions, loaded, dependencies, ({ signal }) =>
    verifyOn(stores, loaded, { ...dependencies, signal }, startedAt),
  );
}

async function verifyOn(
  stores: OpenStores,
  loaded: LoadedSpec,
  { emit = () => undefined, signal }: EtlDependencies,
  startedAt: number,
): Promise<EtlVerifyReport> {
  const run = await finishedRun(loaded, stores);
  const prepared = await prepare(loaded, stores, { settled: settledFields(run) });
  await using _scan = quietly(prepared);
  const compared = await compareLoad({ loaded, stores, prepared, run, emit, signal });
  const { comparisons, targets, sourceRows } = compared;
  // The rows have been compared.
  const after = (loaded.spec.checks?.after ?? []).filter(({ check }) => check !== 'same_rows');
  const checks = [
    ...compared.checks,
    ...(await runSpecChecks(after, {
      loaded,
      sides: { source: stores.source.session, target: stores.target.session },
      on: 'target',
      compareRows: async () => compared.checks,
      signal,
    })),
  ];
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
    target_rows: targets.reduce((sum, each) => sum + each.target_rows, 0),
    rejected_rows: compared.rejectedRows,
    checksums: { source: all.expected.sum, target: all.actual.sum },
    missing: joined(targets.map(({ missing }) => missing)),
    different: joined(targets.map(({ different }) => different)),
    extra: { count: targets.reduce((sum, { extra }) => sum + extra.count, 0) },
    targets: targets.map(({ extraRows: _, before: _before, ...target }) => target),
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

async function finishedRun(loaded: LoadedSpec, stores: OpenStores): Promise<EtlRun> {
  const run = await new EtlRecords(stores.target.session.journal, loaded.spec.name).run();
  if (!run || run.state === 'rolled_back') throw noRun(loaded);
  if (run.state !== 'done' && run.state !== 'loaded') {
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
