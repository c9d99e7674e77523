import type { Check } from '../checks/check.ts';
import type { Operation, OperationType } from '../operation/registry.ts';
import type { JsonObject } from '../value/json.ts';
import type { Progress, RunContext } from './run-context.ts';

/** Where the two versions of a collection stand. */
export interface TwoVersionsState {
  /**
   * What an application of the new version sets to reach it, in the store's own terms: `{ search_path: 'public_0002, public' }` on PostgreSQL, `{ database: 'shop_0002' }` on
   * MySQL, `{ collections: { users: 'users_v0002' } }` on MongoDB.
   */
  readonly new_version: JsonObject;
  /** Writes to one version that the other one has refused, or whose conversion has failed: they block `finalize` until somebody has corrected them. */
  readonly refused: number;
  /**
   * Writes that have not reached the other version yet: 0 but for moments where triggers carry them over, null where nobody can tell without reading all.
   */
  readonly waiting: number | null;
}

/** Names the step, for reading its state outside a run. */
export type StepPlace = Pick<RunContext, 'version' | 'step' | 'aside'>;

/**
 * What a handler gives beside its methods where its operation leaves two versions of a collection in use side by side. `execute` ends with both usable,
 * `rollback` drops the new one, and `contract` ends the old one.
 */
export interface TwoVersions<Type extends OperationType = OperationType, Undo extends JsonObject = JsonObject> {
  /** Where they stand. Only reads, and little. */
  state(operation: Operation<Type>, undo: Undo, place: StepPlace): Promise<TwoVersionsState>;
  /**
   * What must hold before reads or writes move from one version to the other and before `contract`, beside what `verify` proves: no refused writes, no
   * transaction that is older than the new version. Only reads.
   */
  checkMove(operation: Operation<Type>, undo: Undo, run: RunContext): Promise<Check[]>;
  /**
   * Carries over what was written to either version and has not reached the other; missing where the store does that within the write. Idempotent.
   */
  catchUp?(operation: Operation<Type>, undo: Undo, run: RunContext): AsyncIterable<Progress>;
  /**
   * Puts the new version in the place of the old one, so that no write of either application fails or is lost, and the old one aside; `discard` deletes it
   * afterwards. Called after the proof; idempotent, and started again after a kill anywhere.
   */
  contract(operation: Operation<Type>, undo: Undo, run: RunContext): AsyncIterable<Progress>;
}
