import { type Batch, batchSize, type Check, checkThat, type JsonValue, PolyshiftError, warn } from '@polyshift/core';
import { DeadLetterFile, sourceRowHash } from './dead-letter.ts';
import type { EtlDependencies } from './dependencies.ts';
import { EtlRecords, type EtlRun, noCounts } from './journal/records.ts';
import { Meter } from './pipeline/meter.ts';
import { type Prepared, prepare } from './pipeline/prepare.ts';
import { quietly } from './pipeline/quietly.ts';
import { type OpenStores, openStores } from './pipeline/stores.ts';
import { readAhead, type Unit, units } from './pipeline/units.ts';
import { Comparison, type RowDifference } from './reconcile/comparison.ts';
import { stopped } from './retry.ts';
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
  const prepared = await prepare(loaded, stores);
  await using _scan = quietly(prepared);
  const key = prepared.sinkTarget(run.undo.aside).key;
  const comparison = new Comparison(key, prepared.transform.dynamic || !stores.target.adapter.capabilities.fixed_columns);
  const sourceRows = await prepared.scan.count();
  const rejected = await compareAll(loaded, dependencies, stores, prepared, run, comparison, sourceRows);
  const present = await targetExists(stores, loaded.load.target_table);
  const targetRows = present ? await stores.target.session.count(loaded.load.target_table) : 0;
  const expectedRows = comparison.expected.count;
  const inserted = expectedRows - (run.totals ?? noCounts).replaced - leftByIgnore(loaded, run);
  const extra = targetRows - run.rows_before - (inserted - comparison.missing);
  const checks = checksOf(run, comparison, { sourceRows, expectedRows, targetRows, rejected, extra });
  return {
    spec: loaded.spec.name,
    run_id: run.run_id,
    ok: checks.every((check) => check.status !== 'FAILED'),
    source_rows: sourceRows,
    expected_rows: expectedRows,
    target_rows: targetRows,
    rejected_rows: rejected,
    checksums: { source: comparison.expected.sum, target: comparison.actual.sum },
    missing: { count: comparison.missing, examples: comparison.missingExamples },
    different: { count: comparison.different, examples: comparison.differentExamples },
    extra: { count: Math.max(0, extra) },
    checks,
    duration_ms: Math.round(performance.now() - startedAt),
  };
}

function leftByIgnore(loaded: LoadedSpec, run: EtlRun): number {
  return loaded.load.mode === 'ignore' ? (run.totals ?? noCounts).already_there : 0;
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

async function targetExists(stores: OpenStores, name: string): Promise<boolean> {
  return Object.keys((await stores.target.session.introspect([name])).collections).length > 0;
}

/** Compares all rows; the result is the number of rows that the load rejected, or the rules reject now. */
async function compareAll(
  loaded: LoadedSpec,
  dependencies: EtlDependencies,
  stores: OpenStores,
  prepared: Prepared,
  run: EtlRun,
  comparison: Comparison,
  total: number,
): Promise<number> {
  const { transform, scan } = prepared;
  const meter = new Meter('verify', dependencies.emit ?? (() => undefined), total);
  const credits = await rejectedRows(run);
  // Opening a target creates it where it is missing: a check must not.
  const writer = (await targetExists(stores, loaded.load.target_table))
    ? await stores.target.sink.open(prepared.sinkTarget(run.undo.aside), run.undo)
    : undefined;
  await using _writer = quietly(writer ?? { [Symbol.asyncDispose]: async () => undefined });
  const clock = { extract_ms: 0, transform_ms: 0 };
  let rejected = 0;
  const [partition] = await scan.partitions(1);
  const source = scan.read(partition!, { batch_size: loaded.extract.batch_size, signal: dependencies.signal });
  let last: Promise<void> = Promise.resolve();
  for await (const unit of units(readAhead(source), transform, prepared.loadBatchSize, 0, clock)) {
    if (dependencies.signal?.aborted) throw stopped();
    // The next batch is read and transformed while the target is asked for this one.
    await last;
    last = compare(unit);
    last.catch(() => undefined);
  }
  await last;
  meter.tell();
  return rejected;

  async function compare(unit: Unit): Promise<void> {
    rejected += unit.rejected.length;
    const encoded = writer?.encode(unit.batch) ?? { batch: unit.batch, rejected: [] };
    rejected += encoded.rejected.length;
    const gone = new Set(encoded.rejected.map((each) => each.index));
    const kept = Array.from({ length: batchSize(unit.batch) }, (_, index) => index).filter((index) => !gone.has(index));
    const found: Batch = writer && kept.length > 0 ? await writer.lookup(encoded.batch) : emptied(encoded.batch);
    comparison.add(encoded.batch, found, (index) => {
      if (credits.size === 0) return false;
      const row = unit.rowNumbers(kept[index]!);
      const piece = unit.sources.findLast((each) => each.from <= row)!;
      const hash = sourceRowHash(piece.batch, row - piece.from);
      const left = credits.get(hash) ?? 0;
      if (left === 0) return false;
      credits.set(hash, left - 1);
      rejected++;
      return true;
    });
    meter.add(unit.rowsThrough - unit.rowsFrom);
  }
}

function emptied(batch: Batch): Batch {
  return batch.kind === 'rows' ? { ...batch, rows: [] } : { ...batch, documents: [] };
}

/** How often each source row was rejected when it was written. Rows that rules or conversions reject are found again by doing so. */
async function rejectedRows(run: EtlRun): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  if ((run.totals ?? noCounts).rejected === 0) return rows;
  for await (const letter of new DeadLetterFile(run.rejected_file).read()) {
    if (letter.run_id !== run.run_id || letter.code === 'CONVERSION_FAILED' || letter.code === 'LOSS_REFUSED') continue;
    rows.set(letter.row_hash, (rows.get(letter.row_hash) ?? 0) + 1);
  }
  return rows;
}

function checksOf(
  run: EtlRun,
  comparison: Comparison,
  rows: { sourceRows: number; expectedRows: number; targetRows: number; rejected: number; extra: number },
): Check[] {
  const { missing, different, expected, actual } = comparison;
  const { sourceRows, expectedRows, targetRows, rejected, extra } = rows;
  const totals = run.totals ?? noCounts;
  const checks = [
    checkThat(
      sourceRows === expectedRows + rejected && missing === 0,
      'row_count',
      {
        pass: `${sourceRows} rows in the source, ${expectedRows} expected and found in the target, ${rejected} rejected`,
        fail: `${sourceRows} rows in the source, ${rejected} rejected, ${expectedRows - missing} of ${expectedRows} found in the target`,
        action: 'Look at the keys under `missing`; load them again after a rollback, or by a spec with the mode upsert.',
      },
      { source_rows: sourceRows, expected_rows: expectedRows, target_rows: targetRows, rejected_rows: rejected, missing },
    ),
    checkThat(
      expected.sum === actual.sum && different === 0,
      'checksum',
      {
        pass: `equal over ${expectedRows} rows: ${expected.sum}`,
        fail: `${different} rows differ and ${missing} are missing: ${expected.sum} in the source, ${actual.sum} in the target`,
        action: 'Look at the fields under `different`: source or target has been written since, or a rule is not what it was.',
      },
      { source: expected.sum, target: actual.sum },
    ),
  ];
  if (run.undo.before === 'filled') {
    if (extra !== 0) {
      checks.push(
        warn(
          'extra_rows',
          `the target has ${Math.abs(extra)} rows ${extra > 0 ? 'more' : 'less'} than before the load and by it`,
          'The application has written or deleted rows since; look whether that was meant.',
        ),
      );
    }
  } else {
    checks.push(
      checkThat(extra <= 0, 'extra_rows', {
        pass: 'the target holds no rows but those of this load',
        fail: `the target holds ${extra} rows that this load did not write`,
        action: 'Somebody else has written into the target; look at them before a rollback.',
      }),
    );
  }
  if (totals.rejected > 0) {
    checks.push(warn('rejected_rows', `${totals.rejected} rows were rejected by the load`, `They are in ${run.rejected_file}.`));
  }
  return checks;
}
