import { randomUUID } from 'node:crypto';
import type { Lease } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { refuseFailedBefore } from '../checks/failed-checks.ts';
import { runSpecChecks } from '../checks/run-spec-checks.ts';
import { planLetters } from '../dead-letters/open-letters.ts';
import type { EtlDependencies, FaultPlace } from '../dependencies.ts';
import { endChunks } from '../engine/chunk-lock.ts';
import type { Engine } from '../engine/engine.ts';
import type { EarlierLoad, EtlRecords, EtlRun, PartitionProgress, RunPartition, RunTarget } from '../journal/records.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';
import { maskedSpec } from '../spec/spec-checksum.ts';
import { asideName, type Prepared, type SettledFields } from './prepare.ts';
import { checkShapes, shapesOf } from './source-shape.ts';
import type { OpenStores } from './stores.ts';

/** A run that this attempt works on. */
export interface BegunRun {
  readonly run: EtlRun;
  readonly resumed: boolean;
  /** True where an earlier run has done everything and this one has nothing to do. */
  readonly alreadyDone: boolean;
  readonly partitions: Map<number, PartitionProgress>;
}

/**
 * Under the lock: finds out whether a run is to be resumed, has been done, or is to begin, and records a new one with all that its
 * rollback needs before anything is written. A new one begins only where the checks before it pass. Throws CHECK_FAILED, SPEC_CHANGED, SOURCE_CHANGED and UNFINISHED_RUN.
 */
export async function beginRun(parts: {
  loaded: LoadedSpec;
  checksum: string;
  stores: OpenStores;
  prepared: Prepared;
  records: EtlRecords;
  lease: Lease;
  now: () => Date;
  fault: (place: FaultPlace) => Promise<void>;
  signal: AbortSignal;
  engine: Engine;
  dependencies: Pick<EtlDependencies, 'lease_ttl_ms'>;
}): Promise<BegunRun> {
  const { loaded, checksum, records, lease, stores } = parts;
  const last = await records.run();
  if (last?.state === 'rolling_back') {
    throw new PolyshiftError('UNFINISHED_RUN', `a rollback of "${last.spec_name}" stopped part-way`, {
      hint: 'Run `polyshift etl rollback` again to finish it; then the spec can run anew.',
    });
  }
  if (last && last.state !== 'rolled_back' && last.spec_checksum !== checksum) {
    throw new PolyshiftError(
      'SPEC_CHANGED',
      last.state === 'running'
        ? `"${last.spec_name}" has changed since the run that stopped part-way on ${last.started_at}`
        : `"${last.spec_name}" has changed since it was loaded on ${last.finished_at}`,
      {
        hint: 'Put the spec back as it was, or take that load back first by `polyshift etl rollback`; a spec of another name is a load of its own.',
      },
    );
  }
  if (last?.state === 'running' || last?.state === 'loaded') {
    checkShapes(parts.prepared, last);
    await endChunks(last, await records.partitions(last.run_id), stores.target.session.locks, {
      ttl_ms: parts.dependencies.lease_ttl_ms,
      signal: parts.signal,
    });
    const run: EtlRun = { ...last, attempts: last.attempts + 1 };
    await records.putRun(run, lease.fence);
    const partitions = await records.partitions(run.run_id);
    return { run, resumed: true, alreadyDone: false, partitions };
  }
  if (last?.state === 'done' && loadsOnce(loaded)) {
    return { run: last, resumed: false, alreadyDone: true, partitions: await records.partitions(last.run_id) };
  }
  return { run: await newRun(parts, last), resumed: false, alreadyDone: false, partitions: new Map() };
}

async function newRun(parts: Parameters<typeof beginRun>[0], last: EtlRun | undefined): Promise<EtlRun> {
  const { engine, loaded, checksum, stores, prepared, records, lease, now, fault } = parts;
  const before = await runSpecChecks(loaded.spec.checks?.before ?? [], {
    loaded,
    sides: { source: stores.source.session, target: stores.target.session },
    on: 'source',
    compareRows: async () => [],
    signal: parts.signal,
  });
  refuseFailedBefore(loaded.spec.name, before);
  const runId = randomUUID();
  const aside = asideName(loaded.spec.name, runId);
  const targets: RunTarget[] = [];
  for (const target of prepared.targets) {
    const { undo } = await stores.target.sink.plan(target.sinkTarget(aside));
    targets.push({
      undo,
      rows_before: undo.before === 'filled' ? await stores.target.session.count(target.table) : 0,
      rows_loaded: null,
      rows_retried: 0,
      fields: target.fields,
    });
  }
  const earlier = last?.state === 'done' ? [...last.earlier, earlierLoad(last)] : [];
  const run: EtlRun = {
    spec_name: loaded.spec.name,
    spec_checksum: checksum,
    ...(loaded.file === 'spec' ? {} : { spec_file: loaded.file }),
    spec: maskedSpec(loaded),
    run_id: runId,
    state: 'running',
    targets,
    sources: shapesOf(prepared),
    partitions: await partitionsOf(prepared, await engine.chunks(loaded.spec.partitions)),
    started_at: now().toISOString(),
    finished_at: null,
    attempts: 1,
    totals: null,
    losses: [],
    dead_letters: await planLetters(loaded, stores.target, aside),
    ...(before.length > 0 ? { checks: { before, after: [] } } : {}),
    earlier,
  };
  await fault('etl.before_record');
  await lease.guard();
  await records.deletePartitions(lease.fence);
  await records.putRun(run, lease.fence);
  await fault('etl.after_record');
  return run;
}

/** The fields of the targets as a run that goes on has settled them; undefined where a new one is to begin. */
export function fieldsToGoOnWith(run: EtlRun | undefined): SettledFields | undefined {
  return run?.state === 'running' || run?.state === 'loaded' ? settledFields(run) : undefined;
}

/** The fields of the targets as a run has settled them. */
export function settledFields(run: EtlRun): SettledFields {
  return new Map(run.targets.map(({ undo, fields }) => [undo.collection, fields]));
}

/** Whether a second run of a spec would find all its rows there already. */
export function loadsOnce(loaded: LoadedSpec): boolean {
  return loaded.flows.every(({ branches }) => branches.every(({ mode }) => mode === 'insert'));
}

async function partitionsOf(prepared: Prepared, want: number): Promise<RunPartition[]> {
  const partitions: RunPartition[] = [];
  for (const [flow, { scan }] of prepared.flows.entries()) {
    for (const part of await scan.partitions(want)) partitions.push({ id: partitions.length, flow, part });
  }
  return partitions;
}

function earlierLoad({ run_id, targets, dead_letters, totals, started_at, finished_at }: EtlRun): EarlierLoad {
  return { run_id, targets, dead_letters, totals, started_at, finished_at };
}
