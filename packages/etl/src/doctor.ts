import { type DoctorReport, failedOf, type LockRecord, type StoreSession } from '@polyshift/core';
import { lettersName } from './dead-letters/open-letters.ts';
import { type JournaledRun, listRuns } from './journal/list-runs.ts';
import type { EtlRun } from './journal/records.ts';
import { type MissingIndexes, missingIndexes } from './load/indexes.ts';
import { type EtlStatus, statusOf } from './status.ts';

type Finding = DoctorReport['findings'][number];

/**
 * Explains the runs of specs that a store's journal holds: those that stopped part-way, loads whose checks have failed, rollbacks that stopped, and
 * locks; what was done, what is kept where, and the ways on. Reads only.
 */
export async function etlFindings(session: StoreSession): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const journaled of await listRuns(session)) {
    const finding = findingOf(journaled, indexLines(await missingIndexes(session.sink, journaled.run.targets)));
    if (finding) found.push(finding);
  }
  return found;
}

/** @param indexes what is to be said of indexes that are missing. */
function findingOf(journaled: JournaledRun, indexes: readonly string[]): Finding | undefined {
  const { run, lock } = journaled;
  if (lock && !lock.expired) return atWork(journaled, lock, indexes);
  const status = statusOf(journaled);
  const name = `"${run.spec_name}"${run.spec_file ? ` (${run.spec_file})` : ''}`;
  const begun = `begun ${run.started_at}, ${run.attempts === 1 ? 'one attempt' : `${run.attempts} attempts`}`;
  const dead = lock ? [`left by ${holderText(lock)}; its lease ended at ${lock.expires_at}`] : [];
  switch (run.state) {
    case 'running':
      return {
        finding: `the load of ${name} stopped part-way, after ${status.partitions_done} of ${status.partitions_total} partitions`,
        details: [begun, ...dead, progressText(status), ...targetLines(run, status), ...indexes, ...letterLines(run, status)],
        choices: [
          {
            command: `polyshift etl run ${fileOf(run)}`,
            outcome: `goes on behind the last checkpoints; no row is loaded twice or left out${indexes.length > 0 ? '; then it builds the indexes again' : ''}`,
          },
          rollbackChoice(run, indexes.length > 0),
        ],
      };
    case 'loaded':
      return {
        finding: `${name} is loaded but not done: ${whyNotDone(run)}`,
        details: [
          begun,
          ...dead,
          progressText(status),
          ...targetLines(run, status),
          ...letterLines(run, status),
          ...checkLines(run),
        ],
        choices: [
          { command: `polyshift etl verify ${fileOf(run)}`, outcome: 'names the rows and fields that differ from the source' },
          {
            command: `polyshift etl run ${fileOf(run)}`,
            outcome: 'repeats the checks, and loads no row again; the load is done when they pass',
          },
          rollbackChoice(run),
        ],
      };
    case 'rolling_back':
      return {
        finding: `the rollback of ${name} stopped part-way`,
        details: [
          begun,
          ...dead,
          ...targetLines(run, status),
          ...indexes,
          'what of them is taken back already is not done a second time',
        ],
        choices: [rollbackChoice(run, indexes.length > 0)],
      };
    default:
      if (!lock) return undefined;
      return {
        finding: `a dead run of ${name} has left its lock behind`,
        details: dead,
        choices: [{ command: 'nothing', outcome: 'the next run of the spec takes the lock over' }],
      };
  }
}

function atWork({ run }: JournaledRun, lock: LockRecord, indexes: readonly string[]): Finding {
  return {
    finding: `a run holds the lock of "${run.spec_name}"`,
    details: [holderText(lock), `without a heartbeat the lock is free after ${lock.expires_at}`, ...indexes],
    choices: [
      { command: 'polyshift status', outcome: 'shows how far it is' },
      { command: `polyshift etl run ${fileOf(run)} --wait 60`, outcome: 'waits for the lock, then goes on with what is left' },
    ],
  };
}

function holderText({ holder, acquired_at }: LockRecord): string {
  return `"${holder.command}", process ${holder.pid} on ${holder.host}, since ${acquired_at}`;
}

function progressText({ rows_read, rows_written, rows_rejected, rows_in_doubt }: EtlStatus): string {
  const done = `${rows_read} rows read, ${rows_written} written, ${rows_rejected} rejected`;
  if (rows_in_doubt === 0) return done;
  return `${done} up to the last checkpoints; of the next ${rows_in_doubt} rows some may be written, which the next run finds out row by row`;
}

function targetLines(run: EtlRun, status: EtlStatus): string[] {
  return status.targets.map(({ collection, before, rows_written }, index) => {
    const { undo, rows_before } = run.targets[index]!;
    const was = before === 'filled' ? `had ${rows_before} rows` : `was ${before}`;
    const kept = before === 'filled' ? `; what the load replaces is kept aside under ${undo.aside}` : '';
    return `${collection} ${was} before, ${rows_written} rows were written into it${kept}`;
  });
}

function indexLines(missing: readonly MissingIndexes[]): string[] {
  return missing.map(
    ({ collection, names }) =>
      `indexes of ${collection} that were dropped for the load are missing: ${names.join(', ')}; queries that need them are slow until they are built again`,
  );
}

function letterLines(run: EtlRun, { rows_rejected }: EtlStatus): string[] {
  return rows_rejected === 0 ? [] : [`the rejected rows, with their reasons, are in ${lettersName(run.dead_letters)}`];
}

function whyNotDone({ checks }: EtlRun): string {
  const failed = failedOf(checks?.after ?? []).length;
  if (failed > 0) return `${failed} of its checks after the load failed`;
  return 'its checks after the load were not finished';
}

function checkLines({ checks }: EtlRun): string[] {
  return failedOf(checks?.after ?? []).map(({ check, message }) => `${check}: ${message}`);
}

const undone = {
  absent: 'is dropped',
  empty: 'is emptied',
  filled: 'loses the rows of the load and gets those back that it replaced',
} as const;

function rollbackChoice(run: EtlRun, indexes = false): Finding['choices'][number] {
  const targets = run.targets.map(({ undo }) => `${undo.collection} ${undone[undo.before]}`).reverse();
  const verb = run.state === 'rolling_back' ? 'finishes it' : 'takes the load back';
  const refused = run.targets.some(({ undo }) => undo.before !== 'filled')
    ? '; refused where others have written into it since'
    : '';
  return {
    command: `polyshift etl rollback ${fileOf(run)}`,
    outcome: `${verb}: ${targets.join(', ')}${indexes ? ', and the indexes are built again' : ''}${refused}`,
  };
}

function fileOf(run: EtlRun): string {
  return run.spec_file ?? `SPEC  (the file of "${run.spec_name}")`;
}
