import type { HistoryRecord, StepRecord } from '../adapter/journal-store.ts';
import { problemError } from '../journal/explain-problem.ts';
import { type FileProblem, fileProblems } from '../journal/file-problems.ts';
import { History } from '../journal/history.ts';
import { stepsOf } from '../journal/step-key.ts';
import { versionsFindings } from '../versions/versions-findings.ts';
import { versionsStatus } from '../versions/versions-status.ts';
import type { DoctorReport } from './reports.ts';
import { migrationLock } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';
import { undoFindings } from './undo-findings.ts';

type Finding = DoctorReport['findings'][number];

/** Explains what a store's journal tells: half-done runs, what is kept where, locks, changed files, and the ways on. Reads only. */
export async function doctor(options: RunnerOptions): Promise<DoctorReport> {
  const { session } = options;
  const findings: Finding[] = [];
  const lock = await session.locks.read(migrationLock);
  if (lock) findings.push(lockFinding(lock.expired, lock));
  const history = await History.read(session.journal);
  for (const record of history.unfinished)
    findings.push(unfinishedFinding(record, await stepsOf(session.journal, record.version)));
  for (const record of history.records.filter((each) => each.state === 'failed')) findings.push(failedFinding(record));
  for (const problem of fileProblems(history, options.migrations)) {
    const error = await problemError(session.journal, problem);
    findings.push({ finding: error.message, details: [], choices: choicesOf(problem) });
  }
  const undo = await undoFindings(options, history);
  findings.push(...undo.findings, ...versionsFindings(await versionsStatus(session, history)));
  return { healthy: findings.length === 0, findings, notes: undo.notes };
}

function lockFinding(
  expired: boolean,
  lock: { holder: { command: string; pid: number; host: string }; acquired_at: string; expires_at: string },
): Finding {
  const who = `"${lock.holder.command}", process ${lock.holder.pid} on ${lock.holder.host}, since ${lock.acquired_at}`;
  if (expired) {
    return {
      finding: 'a dead run has left its lock behind',
      details: [who, `its lease ended at ${lock.expires_at}`],
      choices: [{ command: 'polyshift up', outcome: 'takes the lock over and goes on; nothing else is needed' }],
    };
  }
  return {
    finding: 'a run holds the lock',
    details: [who, `without a heartbeat the lock is free after ${lock.expires_at}`],
    choices: [
      { command: 'polyshift status', outcome: 'shows how far it is' },
      { command: 'polyshift unlock', outcome: 'takes the lock away; that run stops before its next write' },
    ],
  };
}

function unfinishedFinding(record: HistoryRecord, steps: readonly StepRecord[]): Finding {
  const goingBack = record.state === 'rolling_back';
  return {
    finding: `version ${record.version} (${record.name}) stopped part-way ${goingBack ? 'on its way back' : 'on its way up'}, after ${record.steps_done} of ${record.steps_total} operations`,
    details: [...(record.error ? [`it failed: ${record.error}`] : []), ...steps.map(stepLine)],
    choices: [
      {
        command: 'polyshift up',
        outcome: goingBack
          ? 'finishes the way back, then applies it anew'
          : 'goes on after the last batch, verifies and ends as applied',
      },
      { command: 'polyshift down', outcome: 'takes every operation back; the store is then as it was before this version' },
    ],
  };
}

function stepLine(step: StepRecord): string {
  const rows = step.rows_done > 0 ? `, ${step.rows_done}${step.rows_total === null ? '' : ` of ${step.rows_total}`} rows` : '';
  const kept = step.undo_kept ? `; its undo is kept in the journal under ${step.version}/${step.index}` : '';
  return `${step.index + 1}. ${String(step.operation['type'])} on ${String(step.operation['collection'])}: ${step.state}${rows}${kept}`;
}

function failedFinding(record: HistoryRecord): Finding {
  return {
    finding: `version ${record.version} (${record.name}) failed and was taken back`,
    details: record.error ? [record.error] : [],
    choices: [{ command: 'polyshift up', outcome: 'tries it again, once its reason is gone; the file may be changed' }],
  };
}

function choicesOf(problem: FileProblem): Finding['choices'] {
  switch (problem.kind) {
    case 'changed':
      return [
        { command: `git checkout ${problem.migration.file}`, outcome: 'the file is again what was run' },
        {
          command: `polyshift repair ${problem.record.version} --reason "..."`,
          outcome: 'the file as it is now is accepted; the store is not touched, and down still takes back what was run',
        },
      ];
    case 'missing':
      return problem.renumbered
        ? [
            {
              command: `mv ${problem.renumbered.file} back to version ${problem.record.version}`,
              outcome: 'the history finds its file again',
            },
          ]
        : [
            { command: 'git log --diff-filter=D', outcome: 'finds the commit that removed the file, to bring it back' },
            {
              command: `polyshift repair ${problem.record.version} --reason "..."`,
              outcome: 'the version is struck from the history with what its rollback needs; its changes stay in the store',
            },
          ];
    case 'late':
      return [
        { command: `mv ${problem.migration.file} to a version after ${problem.current}`, outcome: 'it is applied in order' },
        {
          command: `polyshift repair ${problem.migration.version} --reason "..."`,
          outcome: 'the next up applies it although it comes late',
        },
      ];
  }
}
