import { PolyshiftError } from '@polyshift/core';
import { settleRetry } from '../dead-letters/settle-retry.ts';
import type { EtlDependencies } from '../dependencies.ts';
import { type Counts, countsOf, type EtlRecords, type EtlRun } from '../journal/records.ts';
import { rowsLoaded } from '../load/rows-loaded.ts';
import { totalsOf } from '../report/run-report.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';
import { specChecksum } from '../spec/spec-checksum.ts';
import { settledFields } from './begin-run.ts';
import { prepare } from './prepare.ts';
import { quietly } from './quietly.ts';
import { rowsBehindCheckpoints } from './settle.ts';
import { openStores } from './stores.ts';
import { whileStoresAnswer } from './while-stores-answer.ts';
import { openWriters } from './writers.ts';

/** What the rows of a run are counted with. */
export interface WrittenParts {
  readonly loaded: LoadedSpec;
  readonly dependencies: EtlDependencies;
  readonly records: EtlRecords;
  readonly signal: AbortSignal | undefined;
}

/**
 * How many rows of each target a run has written. Where a target was absent or empty the number decides whether somebody else has written into
 * it since, so that it has to be exact: of a write that was under way when a run or retry died, source and target are asked. Throws SPEC_CHANGED
 * where they would have to be asked by other rules than those of the run.
 */
export async function rowsWritten(run: EtlRun, { loaded, dependencies, records, signal }: WrittenParts): Promise<number[]> {
  const finished = run.targets.every(({ rows_loaded }) => rows_loaded !== null);
  const partitions = finished ? new Map<number, never>() : await records.partitions(run.run_id);
  const known = finished
    ? run.targets.map(({ rows_loaded, rows_retried }) => (rows_loaded ?? 0) + rows_retried)
    : rowsBeforeCheckpoints(loaded, run, totalsOf(partitions.values()));
  if ((finished && !run.retrying) || run.targets.every(({ undo }) => undo.before === 'filled')) return known;
  await using stores = await openStores(loaded, dependencies);
  const sessions = [stores.source.session, stores.target.session];
  const watch = { lease_ttl_ms: dependencies.lease_ttl_ms, signal };
  return await whileStoresAnswer(sessions, loaded, watch, async () => {
    const names = await stores.target.session.introspect(run.targets.map(({ undo }) => undo.collection));
    if (Object.keys(names.collections).length === 0) return known;
    if (run.spec_checksum !== (await specChecksum(loaded))) throw changedSince(run);
    const prepared = await prepare(loaded, stores, { settled: settledFields(run) });
    await using _scan = quietly(prepared);
    const writers = await openWriters(stores.target.sink, prepared.targets, run);
    await using _writers = quietly(writers);
    if (finished) {
      const settled = await settleRetry(run, { prepared, writers: writers.all, sameRules: true });
      return settled.targets.map(({ rows_loaded }) => rows_loaded ?? 0);
    }
    const behind = await rowsBehindCheckpoints(prepared, writers.all, run, partitions);
    return known.map((rows, index) => rows + behind[index]!);
  });
}

function rowsBeforeCheckpoints(loaded: LoadedSpec, run: EtlRun, totals: Counts): number[] {
  const branches = loaded.flows.flatMap((flow) => flow.branches);
  return run.targets.map(({ undo }, index) => {
    const own = branches.filter(({ target_table }) => target_table === undo.collection);
    const { mode } = own[0]!;
    return rowsLoaded(
      countsOf(totals, index),
      mode,
      own.some(({ distinct }) => distinct),
    );
  });
}

function changedSince(run: EtlRun): PolyshiftError {
  return new PolyshiftError(
    'SPEC_CHANGED',
    `"${run.spec_name}" has changed since what stopped part-way ${run.retrying ? 'in a retry of dead letters' : `on ${run.started_at}`}`,
    { hint: 'Put the spec back as it was: what was written last can be told only by the same rules.' },
  );
}
