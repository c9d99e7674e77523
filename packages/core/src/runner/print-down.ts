import type { StoreSession } from '../adapter/adapter.ts';
import type { Capabilities } from '../adapter/capabilities.ts';
import type { StepRecord } from '../adapter/journal-store.ts';
import type { ScriptWriter } from '../adapter/rollback-script.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import { History } from '../journal/history.ts';
import { stepsOf } from '../journal/step-key.ts';
import type { Migration } from '../migration/migration.ts';
import { chooseDown, type DownRequest } from './choose-down.ts';
import { migrationLock } from './run.ts';
import { commented } from './script-comment.ts';
import { snapshotKey } from './snapshot.ts';
import { versionScript } from './version-script.ts';

/** What a script is printed from. */
export interface PrintOptions {
  readonly session: StoreSession;
  /** All migrations of this store, ordered. */
  readonly migrations: readonly Migration[];
  /** Those of the adapter: they say whether it writes scripts. */
  readonly capabilities: Capabilities;
}

/** A rollback as statements that somebody runs by the store's own client. */
export interface DownScript {
  /** `SQL`, `CQL`. */
  readonly language: string;
  /** What happens at once or not at all. */
  readonly atomic: 'script' | 'statement';
  /** The program that runs the file. */
  readonly run_with: string;
  readonly from_version: string | null;
  readonly to_version: string | null;
  /** The migrations that it takes back, newest first. */
  readonly versions: readonly string[];
  /** In order, each complete; comments stand before the statement that they are about. None where there is nothing to take back. */
  readonly statements: readonly string[];
  /** The statements as one file for that program. */
  readonly text: string;
}

/**
 * Writes what `down` would do for the same request as a script, with guards before it and the journal's change behind it: a store that has run it
 * is, to polyshift, one that `down` has run on. Reads only.
 *
 * @throws PolyshiftError what `down` throws before it changes anything; NOT_SCRIPTABLE where the store or an operation has no exact way back in
 * statements: then nothing is printed.
 */
export async function printDown(options: PrintOptions, request: DownRequest = {}): Promise<DownScript> {
  const { session, migrations, capabilities } = options;
  const support = capabilities.rollback_scripts;
  const writer = session.scripts;
  if (!support?.supported || !writer) {
    throw new PolyshiftError(
      'NOT_SCRIPTABLE',
      `${capabilities.title} has no rollback scripts: ${support?.supported === false ? support.reason : 'its adapter writes none.'}`,
      { hint: support?.supported === false && support.instead ? support.instead : 'Use `polyshift down`.' },
    );
  }
  const { journal } = session;
  const history = await History.read(journal);
  await refuseLocked(session);
  const chosen = await chooseDown(journal, history, migrations, request);
  const steps: StepRecord[] = [];
  const back: string[] = [];
  let left = history;
  for (const choice of chosen) {
    const records = await stepsOf(journal, choice.record.version);
    steps.push(...records);
    const script = await versionScript(session, writer, support, choice, records);
    back.push(...script.statements);
    left = left.with(choice.record.version, script.history);
  }
  return {
    language: support.language,
    atomic: support.atomic,
    run_with: support.run_with,
    from_version: history.currentVersion,
    to_version: left.currentVersion,
    versions: chosen.map(({ record }) => record.version),
    ...(await framed(writer, support.run_with, history, steps, back)),
  };
}

async function framed(
  writer: ScriptWriter,
  runWith: string,
  history: History,
  steps: readonly StepRecord[],
  back: readonly string[],
): Promise<Pick<DownScript, 'statements' | 'text'>> {
  if (back.length === 0) return { statements: [], text: '' };
  const standing = history.records.filter(({ state }) => state !== 'rolled_back' && state !== 'failed');
  const guard = { lock: migrationLock, current_version: history.currentVersion, history: standing, steps };
  const statements = [
    ...commented(
      [`polyshift rollback script, written for version ${guard.current_version ?? 'none'}`, `run it by: ${runWith}`],
      await writer.begin(guard),
    ),
    ...back,
    // It says what the schema was like before: the next run keeps a new one.
    ...commented(['the kept schema is out of date now'], writer.delete('checkpoint', snapshotKey)),
    ...writer.end(),
  ];
  return { statements, text: writer.render(statements) };
}

/** A script of what a run is changing right now would be out of date before it is read. */
async function refuseLocked(session: StoreSession): Promise<void> {
  const lock = await session.locks.read(migrationLock);
  if (!lock || lock.expired) return;
  const { holder } = lock;
  throw new PolyshiftError('LOCKED', `${holder.command} is at work (process ${holder.pid} on ${holder.host})`, {
    hint: 'Print the script when it has ended.',
  });
}
