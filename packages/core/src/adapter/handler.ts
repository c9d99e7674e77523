import type { Check } from '../checks/check.ts';
import type { Risk } from '../operation/operation.ts';
import type { Operation, OperationType } from '../operation/registry.ts';
import type { StoreSchema } from '../schema/store-schema.ts';
import type { JsonObject } from '../value/json.ts';
import type { StepScript } from './rollback-script.ts';
import type { Progress, RunContext } from './run-context.ts';
import type { TwoVersions } from './two-versions.ts';

/** One statement of a plan. */
export interface PlannedStep {
  /** The statement as the store will get it (SQL, or a command as JSON text), with placeholders for bound values. */
  readonly statement: string;
  /** When it runs: before data move, while they move, or after the proof. */
  readonly phase: 'expand' | 'migrate' | 'contract';
  /** The lock it takes, in the store's words (`ACCESS EXCLUSIVE on users`), and how long: `none`, `instant`, `while it scans`, `while it rewrites`. */
  readonly lock?: { readonly mode: string; readonly held: 'none' | 'instant' | 'while it scans' | 'while it rewrites' };
  /** Rows it is expected to read or write, from statistics. */
  readonly rows?: number | undefined;
  readonly risk: Risk;
  /** How rollback takes it back, for people. */
  readonly undo: string;
}

/** What plan() may read instead of the live store: the schema as it will be when the operations before this one are done. */
export interface PlanContext {
  readonly schema: StoreSchema;
  /** The version of the migration, which names of new versions of collections have in them; missing where the operation belongs to none yet. */
  readonly version?: string | undefined;
}

/**
 * How one adapter carries one operation: five methods that read top to bottom, in a file of its own named after the operation.
 *
 * The runner calls check, prepare, (journals the undo record), execute, verify; on failure or `down` rollback; at the end of all
 * `discard`. Everything between two journal writes may happen twice, or half and then again: each method must come to the same end
 * however often it was started. What rollback needs must be durable before execute makes the change.
 *
 * @typeParam Type the operation
 * @typeParam Undo what rollback needs: plain JSON, small; bulk before-images go aside into the store under `run.aside`
 */
export interface OperationHandler<Type extends OperationType = OperationType, Undo extends JsonObject = JsonObject> {
  /** The statements that execute will run; reads, never writes. */
  plan(operation: Operation<Type>, context: PlanContext): Promise<PlannedStep[]>;
  /** Pre-checks (R4): nulls, duplicates, orphans, names taken or missing. A FAILED one stops the run before anything is changed. */
  check(operation: Operation<Type>): Promise<Check[]>;
  /** Finds out what rollback needs. Reads only; the result is journaled before execute is called. */
  prepare(operation: Operation<Type>, run: RunContext): Promise<Undo>;
  /** Makes the change: idempotent, in batches, resumable from `run.checkpoint`. */
  execute(operation: Operation<Type>, undo: Undo, run: RunContext): AsyncIterable<Progress>;
  /** Proves by reading that the change is there, and complete. */
  verify(operation: Operation<Type>, undo: Undo, run: RunContext): Promise<Check[]>;
  /** Takes the change back, exactly: idempotent, also after an execute that stopped anywhere. */
  rollback(operation: Operation<Type>, undo: Undo, run: RunContext): AsyncIterable<Progress>;
  /** Deletes what is kept aside for rollback: after a rollback, or when the migration is finalized. Idempotent. */
  discard(operation: Operation<Type>, undo: Undo, run: RunContext): Promise<void>;
  /** The way back as statements, for `polyshift down --print`; missing where the store has none or the capabilities refuse it. */
  readonly script?: StepScript<Type, Undo>;
  /** What it takes to have two versions of a collection in use; there where the operation makes them (`online_change`). */
  readonly versions?: TwoVersions<Type, Undo>;
}

/** The handlers of a session; an operation that the capabilities do not declare has none. */
export type OperationHandlers = { readonly [Type in OperationType]?: OperationHandler<Type> };
