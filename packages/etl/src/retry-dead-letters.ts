import { PolyshiftError } from '@polyshift/core';
import type { DeadLetter, LetterStore } from './dead-letters/dead-letter.ts';
import { lettersName, openLetters } from './dead-letters/open-letters.ts';
import { LetterRetry } from './dead-letters/retry-letters.ts';
import { settleRetry } from './dead-letters/settle-retry.ts';
import type { EtlDependencies, FaultPlace } from './dependencies.ts';
import { holdSpec } from './journal/hold-spec.ts';
import { EtlRecords, type EtlRun } from './journal/records.ts';
import { settledFields } from './pipeline/begin-run.ts';
import { type Prepared, prepare } from './pipeline/prepare.ts';
import { quietly } from './pipeline/quietly.ts';
import { type OpenStores, openStores } from './pipeline/stores.ts';
import { type Watched, whileStoresAnswer } from './pipeline/while-stores-answer.ts';
import { openWriters } from './pipeline/writers.ts';
import { retryPolicy, stopped } from './retry.ts';
import { noRun } from './rollback.ts';
import type { LoadedSpec } from './spec/load-spec.ts';
import { specChecksum } from './spec/spec-checksum.ts';

/** Letters that are dealt with at once, at most. */
const lettersAtOnce = 200;

/** Examples of what is left. */
const exampleCount = 20;

/** What `etl retry-dead-letters` did; the JSON output. */
export interface EtlRetryReport {
  readonly spec: string;
  readonly run_id: string;
  /** Where the dead letters are, for people. */
  readonly dead_letters: string;
  /** Letters that were there. */
  readonly letters: number;
  /** Letters whose rows are in the targets now. */
  readonly loaded: number;
  /** Letters whose rows were rejected again. */
  readonly rejected: number;
  /** Letters whose rows the source does not give any more; they stay. */
  readonly not_found: number;
  /** Rows that were inserted or replaced in the targets. */
  readonly rows_written: number;
  /** Some of the letters that stay. */
  readonly left: readonly Pick<DeadLetter, 'source_table' | 'key' | 'code' | 'message' | 'target'>[];
  readonly duration_ms: number;
}

/**
 * Loads the rows that a finished run rejected, after a fix: each is read again from the source and goes through the rules as they are
 * now. Letters whose rows are loaded go; the others stay, with the reason of today. Idempotent and resumable: a row that is there already
 * counts as loaded. Throws NO_RUN, UNFINISHED_RUN, SPEC_CHANGED where the spec loads from or into other tables now, LOCKED, STOPPED, and
 * CONNECTION_LOST also where a store answers nothing any more.
 */
export async function retryDeadLetters(loaded: LoadedSpec, dependencies: EtlDependencies): Promise<EtlRetryReport> {
  const startedAt = performance.now();
  await using stores = await openStores(loaded, dependencies);
  const sessions = [stores.source.session, stores.target.session];
  return await whileStoresAnswer(sessions, loaded, dependencies, (watched) =>
    retryOn(stores, loaded, dependencies, watched, startedAt),
  );
}

async function retryOn(
  stores: OpenStores,
  loaded: LoadedSpec,
  dependencies: EtlDependencies,
  { signal, holds }: Watched,
  startedAt: number,
): Promise<EtlRetryReport> {
  const now = dependencies.now ?? (() => new Date());
  const fault = async (place: FaultPlace): Promise<void> => {
    await dependencies.fault?.(place);
  };
  const { journal, locks } = stores.target.session;
  const records = new EtlRecords(journal, loaded.spec.name, now);
  if (!(await records.run())) throw noRun(loaded);
  const lease = await holdSpec(locks, loaded.spec.name, 'etl retry-dead-letters', {
    ttl_ms: dependencies.lease_ttl_ms,
    wait_ms: dependencies.wait_ms,
    signal,
  });
  await using _lock = quietly(lease);
  holds(lease);
  const run = await doneRun(loaded, records);
  const prepared = await prepare(loaded, stores, { settled: settledFields(run) });
  await using _scan = quietly(prepared);
  checkSame(prepared, run);
  const letters = await openLetters(loaded, stores.target, run.dead_letters);
  await using _letters = quietly(letters);
  const writers = await openWriters(stores.target.sink, prepared.targets, run);
  await using _writers = quietly(writers);
  const checksum = await specChecksum(loaded);
  const sameRules = run.spec_checksum === checksum;
  const settled = await settleRetry(run, { prepared, writers: writers.all, sameRules });
  const retry = new LetterRetry({
    prepared,
    writers: writers.all,
    letters,
    lease,
    signal,
    policy: retryPolicy(dependencies),
    emit: dependencies.emit ?? (() => undefined),
    fault,
    run: { ...settled, spec_checksum: checksum },
    save: (changed) => records.putRun(changed, lease.fence),
  });
  // What the attempt itself keeps anew is not tried again.
  const waiting = await idsOf(letters, run.run_id);
  for (const ids of waiting) {
    if (signal.aborted) throw stopped();
    await retry.batch(await lettersWith(letters, run.run_id, new Set(ids)));
  }
  for (const writer of writers.all) await writer.finish();
  await retry.finish();
  return {
    spec: loaded.spec.name,
    run_id: run.run_id,
    dead_letters: lettersName(run.dead_letters),
    letters: waiting.reduce((sum, ids) => sum + ids.length, 0),
    ...retry.counts,
    left: await examples(letters, run.run_id),
    duration_ms: Math.round(performance.now() - startedAt),
  };
}

async function doneRun(loaded: LoadedSpec, records: EtlRecords): Promise<EtlRun> {
  const run = await records.run();
  if (!run || run.state === 'rolled_back') throw noRun(loaded);
  if (run.state === 'done' || run.state === 'loaded') return run;
  throw new PolyshiftError('UNFINISHED_RUN', `the run of "${run.spec_name}" stopped part-way`, {
    hint:
      run.state === 'running'
        ? 'Finish it by `polyshift etl run`, which tries the rows behind its last checkpoint again; raise max_rejected where they are too many.'
        : 'Finish the rollback by `polyshift etl rollback`.',
  });
}

/** Rules may have changed since the run; tables and their fields may not. */
function checkSame({ targets, flows }: Prepared, run: EtlRun): void {
  const before = run.targets.map(({ undo }) => undo.collection);
  if (before.join('\0') !== targets.map(({ table }) => table).join('\0') || run.sources.length !== flows.length) {
    throw new PolyshiftError('SPEC_CHANGED', `the run of "${run.spec_name}" loaded into ${before.join(', ')}`, {
      hint: 'Rules may change before a retry, but not what is read and where it is loaded; put that back as it was.',
    });
  }
  for (const [index, { table, columns }] of targets.entries()) {
    const settled = run.targets[index]!.fields.map(({ name }) => name);
    const added = columns.find(({ name }) => !settled.includes(name));
    if (!added) continue;
    // A sink writes the columns that the run began with: one more would be lost in silence.
    throw new PolyshiftError('SPEC_CHANGED', `the run of "${run.spec_name}" did not load "${added.name}" of "${table}"`, {
      hint: 'Rules may give other values before a retry, but not other fields.',
    });
  }
}

/** The ids of the letters that are there, in batches: letters may be many, their ids are short. */
async function idsOf(letters: LetterStore, runId: string): Promise<string[][]> {
  const batches: string[][] = [];
  for await (const { id } of letters.read(runId)) {
    const last = batches.at(-1);
    if (last && last.length < lettersAtOnce) last.push(id);
    else batches.push([id]);
  }
  return batches;
}

async function lettersWith(letters: LetterStore, runId: string, ids: ReadonlySet<string>): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  for await (const letter of letters.read(runId)) if (ids.has(letter.id)) found.push(letter);
  return found;
}

async function examples(letters: LetterStore, runId: string): Promise<EtlRetryReport['left']> {
  const left: EtlRetryReport['left'][number][] = [];
  for await (const { source_table, key, code, message, target } of letters.read(runId)) {
    if (left.length < exampleCount) left.push({ source_table, key, code, message, target });
  }
  return left;
}
