import type { StepRecord } from '../adapter/journal-store.ts';
import type { RunContext } from '../adapter/run-context.ts';
import { type Check, checkThat, fail, pass, warn } from '../checks/check.ts';
import { problemError } from '../journal/explain-problem.ts';
import { fileProblems } from '../journal/file-problems.ts';
import { History } from '../journal/history.ts';
import { asideOf, downOffset, stepsOf } from '../journal/step-key.ts';
import { checkOperation } from '../migration/parse-operation.ts';
import { differences } from '../schema/difference.ts';
import type { JsonObject } from '../value/json.ts';
import { ownValue } from '../value/own-value.ts';
import { handlerOf } from './handlers.ts';
import type { VerifyReport } from './reports.ts';
import type { RunnerOptions } from './runner-options.ts';
import { comparable, readSnapshot } from './snapshot.ts';

/**
 * Holds the store against its history: files unchanged, nothing half done, the schema as the last run left it, and the own proofs of
 * the migration that was applied last. Reads only.
 */
export async function verify(options: RunnerOptions): Promise<VerifyReport> {
  const history = await History.read(options.session.journal);
  const checks: Check[] = [...(await checkMigrationFiles(history, options)), checkUnfinished(history)];
  checks.push(...(await checkDrift(options, history)));
  const { lastApplied } = history;
  if (lastApplied && history.unfinished.length === 0) checks.push(...(await checkOperations(options, lastApplied.version)));
  return { current_version: history.currentVersion, checks, ok: checks.every((check) => check.status !== 'FAILED') };
}

async function checkMigrationFiles(history: History, options: RunnerOptions): Promise<Check[]> {
  const problems = fileProblems(history, options.migrations);
  if (problems.length === 0) return [pass('files', `${history.applied.length} applied migrations have their files, unchanged`)];
  const errors = await Promise.all(problems.map((problem) => problemError(options.session.journal, problem)));
  return errors.map((error) => fail('files', error.message, error.hint ?? ''));
}

function checkUnfinished(history: History): Check {
  const names = history.unfinished.map((record) => record.version).join(', ');
  return checkThat(names === '', 'unfinished', {
    pass: 'no migration is half done',
    fail: `version ${names} stopped part-way`,
    action: '`polyshift up` finishes it, `polyshift down` takes it back; `polyshift doctor` explains it.',
  });
}

async function checkDrift(options: RunnerOptions, history: History): Promise<Check[]> {
  const snapshot = await readSnapshot(options.session.journal);
  if (!snapshot) return [warn('drift', 'no run has kept the schema yet', 'Run `polyshift up` once.')];
  const applied = history.applied.map((record) => record.version);
  if (snapshot.applied && snapshot.applied.join() !== applied.join()) {
    return [
      warn(
        'drift',
        'the history has changed since the schema was kept: the run that changed it was stopped before its end, or repair has',
        'Run `polyshift up` once.',
      ),
    ];
  }
  const names = Object.keys(snapshot.collections);
  const schema = await options.session.introspect(names);
  return names.map((name) => {
    const found = differences(ownValue(snapshot.collections, name), JSON.parse(JSON.stringify(comparable(schema, name))), name);
    if (found.length === 0) return pass('drift', `${name} has the schema that the last run left`);
    return fail(
      'drift',
      `${name} has changed since the last run: ${found.map((each) => `${each.path} was ${shown(each.was)}, is ${shown(each.is)}`).join('; ')}`,
      'Somebody changed it outside of migrations: undo that, or write a migration that makes it the rule.',
      { differences: found.map((each) => ({ ...each, was: each.was ?? null, is: each.is ?? null })) as unknown as JsonObject[] },
    );
  });
}

/** The proofs of a migration's operations; where two change the same collection, of the last of them, since it builds on the others. */
async function checkOperations(options: RunnerOptions, version: string): Promise<Check[]> {
  const steps = await stepsOf(options.session.journal, version);
  const seen = new Set<string>();
  const proofs: Promise<Check[]>[] = [];
  for (const step of steps.filter((each) => each.state === 'done' && each.index < downOffset).reverse()) {
    const operation = checkOperation(step.operation);
    if (step.undo_kept && !seen.has(operation.collection)) {
      proofs.unshift(handlerOf(options.session, operation).verify(operation, step.undo, readingContext(step)));
    }
    seen.add(operation.collection);
  }
  return (await Promise.all(proofs)).flat();
}

/** The context of a handler that only reads. */
function readingContext(step: StepRecord): RunContext {
  const refuse = async () => {
    throw new Error('verify does not write');
  };
  return {
    run_id: 'verify',
    version: step.version,
    step: step.index,
    aside: asideOf(step),
    fence: { lock: 'none', token: -1 },
    signal: new AbortController().signal,
    checkpoint: step.checkpoint,
    save: refuse,
    guard: refuse,
    fault: async () => undefined,
  };
}

function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
