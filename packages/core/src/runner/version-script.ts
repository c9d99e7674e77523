import type { StoreSession } from '../adapter/adapter.ts';
import type { HistoryRecord, StepRecord } from '../adapter/journal-store.ts';
import type { ScriptStep, ScriptSupport, ScriptWriter, StepScript } from '../adapter/rollback-script.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import { asideOf, downOffset, stepKey } from '../journal/step-key.ts';
import { checkOperation } from '../migration/parse-operation.ts';
import type { Operation } from '../operation/registry.ts';
import type { DownChoice } from './choose-down.ts';
import { handlerOf } from './handlers.ts';
import { commented } from './script-comment.ts';

/** One migration's way back in a script, and its record of the history as the script leaves it. */
export interface VersionScript {
  readonly statements: readonly string[];
  readonly history: HistoryRecord;
}

/** Writes the way back of one migration: its steps, newest first, or what the user wrote, and the records of the journal. */
export async function versionScript(
  session: StoreSession,
  writer: ScriptWriter,
  support: ScriptSupport,
  choice: DownChoice,
  records: readonly StepRecord[],
): Promise<VersionScript> {
  const { record, file } = choice;
  const { version } = record;
  const steps = records.map((each) => new ScriptedStep(session, support, each));
  const back: string[] = [];
  const put = (step: StepRecord): readonly string[] => writer.put('step', stepKey(version, step.index), step);
  if (!writer.atomic) back.push(...writer.put('history', version, { ...record, state: 'rolling_back', is_running: true }));
  const down = file?.down;
  if (down && records.some((each) => each.index >= downOffset)) {
    throw notScriptable(`the down operations of version ${version} have begun already`, 'Let `polyshift down` finish them.');
  }
  if (down && !writer.atomic) {
    throw notScriptable(
      `version ${version} has down operations of its own, and a script that stops among them could not be resumed`,
    );
  }
  if (down && record.state === 'applied') {
    for (const operation of down) back.push(...(await userScript(writer, operation)));
    for (const step of steps) if (step.record.undo_kept) back.push(...(await step.discard('applied')), ...put(step.discarded()));
  } else {
    for (const step of [...steps].reverse()) {
      const { state, undo_kept } = step.record;
      if (state !== 'rolled_back') {
        if (!writer.atomic) back.push(...put(step.rollingBack()));
        back.push(...(await step.rollback()));
        if (!writer.atomic) back.push(...put(step.rolledBack()));
      }
      if (undo_kept) back.push(...(await step.discard('rollback')));
      if (state !== 'rolled_back' || undo_kept) back.push(...put({ ...step.rolledBack(), undo_kept: false }));
    }
  }
  const failed = record.state === 'rolling_back' && record.error !== null;
  const history: HistoryRecord = {
    ...record,
    state: failed ? 'failed' : 'rolled_back',
    is_running: false,
    steps_done: 0,
    applied_at: null,
  };
  back.push(...writer.put('history', version, history));
  return { statements: commented([`version ${version} ${record.name}`], back), history };
}

/** A step whose handler writes its way back. */
class ScriptedStep {
  readonly record: StepRecord;
  private readonly operation: Operation;
  private readonly script: StepScript;
  private readonly step: ScriptStep;

  constructor(session: StoreSession, support: ScriptSupport, record: StepRecord) {
    this.record = record;
    this.operation = checkOperation(record.operation);
    this.step = {
      version: record.version,
      step: record.index,
      aside: asideOf(record),
      state: record.state,
    };
    this.script = scriptOf(session, support, this.operation);
  }

  async rollback(): Promise<string[]> {
    const { type, collection } = this.operation;
    const statements = await this.script.rollback(this.operation, this.record.undo, this.step);
    return commented([`version ${this.step.version}, operation ${this.step.step + 1}: ${type} on ${collection}`], statements);
  }

  async discard(after: 'rollback' | 'applied'): Promise<string[]> {
    const statements = await this.script.discard(this.operation, this.record.undo, this.step, after);
    return commented([`what operation ${this.step.step + 1} kept aside`], statements);
  }

  rollingBack(): StepRecord {
    return { ...this.record, state: 'rolling_back', checkpoint: null, rows_done: 0, rows_total: null };
  }

  rolledBack(): StepRecord {
    return { ...this.rollingBack(), state: 'rolled_back', finished_at: this.record.finished_at ?? this.record.started_at };
  }

  discarded(): StepRecord {
    return { ...this.record, undo_kept: false };
  }
}

/** An operation of the `down` list that a migration brings along: only the user's own statements are statements already. */
async function userScript(writer: ScriptWriter, operation: Operation): Promise<string[]> {
  if (operation.type !== 'run_sql') {
    throw notScriptable(`its down operation ${operation.type} is carried out by polyshift`, 'Use `polyshift down`.');
  }
  return commented(['as the migration says under `down`'], await writer.written(operation.data.up));
}

function scriptOf(session: StoreSession, support: ScriptSupport, operation: Operation): StepScript {
  const script = handlerOf(session, operation).script;
  if (script) return script;
  const reason = support.refused[operation.type] ?? 'its way back is more than statements can say.';
  throw notScriptable(`${operation.type} on ${operation.collection} has no way back in ${support.language}: ${reason}`);
}

function notScriptable(message: string, hint = 'Nothing was printed. `polyshift down` takes it back.'): PolyshiftError {
  return new PolyshiftError('NOT_SCRIPTABLE', message, { hint });
}
