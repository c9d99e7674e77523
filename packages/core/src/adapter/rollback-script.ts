import type { Operation, OperationType } from '../operation/registry.ts';
import type { JsonObject } from '../value/json.ts';
import type { HistoryRecord, JournalKind, JournalRecords, StepRecord } from './journal-store.ts';

/** That an adapter writes the way back as statements (`polyshift down --print`), and how. */
export interface ScriptSupport {
  readonly supported: true;
  /** The language of the statements: `SQL`, `CQL`. */
  readonly language: string;
  /** What happens at once or not at all: the whole script, or each statement; after a script that stopped part-way `polyshift down` goes on. */
  readonly atomic: 'script' | 'statement';
  /** The program that runs the file, with its options: `psql -v ON_ERROR_STOP=1 -f FILE`. */
  readonly run_with: string;
  /** Operations whose way back cannot be written as statements, each with the reason. */
  readonly refused: Partial<Readonly<Record<OperationType, string>>>;
}

/** The step that a script is written for. */
export interface ScriptStep {
  readonly version: string;
  /** The index of the operation in the migration, from 0. */
  readonly step: number;
  /** Names what is kept aside, as in `RunContext`. */
  readonly aside: string;
  /** Where the step stands; a script also takes back one that stopped part-way. */
  readonly state: StepRecord['state'];
}

/**
 * The way back of an operation as statements of the store, which somebody runs by the store's own client: no placeholders, every value
 * quoted, nothing cut into batches. They do what the handler's `rollback` and `discard` do, and refuse where these would: by a statement that
 * fails. Both only read.
 *
 * They are run after those of all later operations, so that the store will then look as this operation left it: what they need beyond the
 * operation must come from the undo record, from what is kept aside and from the step's own marks, never from the live schema. Both throw
 * NOT_SCRIPTABLE where the way back cannot be written exactly.
 *
 * @typeParam Type the operation
 * @typeParam Undo as in `OperationHandler`
 */
export interface StepScript<Type extends OperationType = OperationType, Undo extends JsonObject = JsonObject> {
  /** The statements that take the operation back, wherever it stands; none where it has changed nothing yet. */
  rollback(operation: Operation<Type>, undo: Undo, step: ScriptStep): Promise<readonly string[]>;
  /** The statements that delete what is kept aside: after the rollback, or (`applied`) while the change stays. */
  discard(operation: Operation<Type>, undo: Undo, step: ScriptStep, after: 'rollback' | 'applied'): Promise<readonly string[]>;
}

/** What a script holds against the store before it changes anything. */
export interface ScriptGuard {
  /** The lock that nobody may hold. */
  readonly lock: string;
  /** The newest applied version, for the message. */
  readonly current_version: string | null;
  /** Every migration that is not rolled back, as it was when the script was written: the script refuses where any of it has changed. */
  readonly history: readonly HistoryRecord[];
  /** The steps that the script takes back, in the states that it was written for. */
  readonly steps: readonly StepRecord[];
}

/** Writes what stands around the steps of a script: guards, the journal, and the form of the file. Writes nothing into the store. */
export interface ScriptWriter {
  /** Whether the whole script is one transaction. Else the journal is kept between its statements too, so that `polyshift down` can go on. */
  readonly atomic: boolean;
  /** The statements that open the script: settings, and guards that fail where the script must not run. Reads. */
  begin(guard: ScriptGuard): Promise<readonly string[]>;
  /** The statements that write or replace a record of the journal. */
  put<Kind extends JournalKind>(kind: Kind, key: string, record: JournalRecords[Kind]): readonly string[];
  /** The statements that delete a record of the journal. */
  delete(kind: JournalKind, key: string): readonly string[];
  /**
   * What a user has written, statement by statement and as it is; after it the script goes on with its own settings. Throws NOT_SCRIPTABLE where a
   * statement cannot be part of a script.
   */
  written(script: string): Promise<readonly string[]>;
  /** The statements that close the script. */
  end(): readonly string[];
  /** The statements as a file for the store's client. */
  render(statements: readonly string[]): string;
}
