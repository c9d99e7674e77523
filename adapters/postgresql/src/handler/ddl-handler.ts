import type {
  Check,
  JsonObject,
  Operation,
  OperationHandler,
  OperationType,
  PlanContext,
  PlannedStep,
  RunContext,
} from '@polyshift/core';
import type { Connection } from '../database.ts';
import { dropAside } from './aside.ts';
import { collectChecks } from './checks.ts';
import type { HandlerContext } from './context.ts';
import { ddlTransaction, once, readMark, undoOnce } from './marks.ts';

/** An operation that is done in one transaction, and taken back in one. */
export interface TransactionalOperation<Type extends OperationType, Undo extends JsonObject> {
  plan(operation: Operation<Type>, context: PlanContext): Promise<PlannedStep[]>;
  /** Reads in a transaction of its own. */
  check(operation: Operation<Type>, connection: Connection): Promise<Check[]>;
  prepare(operation: Operation<Type>, connection: Connection, run: RunContext): Promise<Undo>;
  /** Makes the change inside a fenced transaction; the result is kept for verify and revert. */
  apply(operation: Operation<Type>, undo: Undo, connection: Connection, run: RunContext): Promise<JsonObject | undefined>;
  /** `detail` is what apply returned, undefined where it never ran. */
  verify(
    operation: Operation<Type>,
    undo: Undo,
    connection: Connection,
    detail: JsonObject | undefined,
    run: RunContext,
  ): Promise<Check[]>;
  /** Takes the change back inside a fenced transaction; only called where apply has run. May return a note for people. */
  revert(
    operation: Operation<Type>,
    undo: Undo,
    connection: Connection,
    detail: JsonObject,
    run: RunContext,
  ): Promise<string | undefined>;
  /** Deletes what is kept aside outside the step's aside schema. */
  discard?(
    operation: Operation<Type>,
    undo: Undo,
    connection: Connection,
    detail: JsonObject | undefined,
    run: RunContext,
  ): Promise<void>;
}

const mark = 'applied';

/** Makes a handler of a {@link TransactionalOperation}: idempotent and exact after a kill, because the mark commits with the change. */
export function transactionalHandler<Type extends OperationType, Undo extends JsonObject>(
  context: HandlerContext,
  operation: TransactionalOperation<Type, Undo>,
): OperationHandler<Type, Undo> {
  const { database } = context;
  return {
    plan: (of, planContext) => operation.plan(of, planContext),
    check: (of) =>
      collectChecks(() => database.transaction((connection) => operation.check(of, connection), { roll_back: true })),
    prepare: (of, run) => database.transaction((connection) => operation.prepare(of, connection, run), { read_only: true }),
    async *execute(of, undo, run) {
      await run.fault('before');
      await once(database, run, mark, (connection) => operation.apply(of, undo, connection, run));
      await run.fault('after');
      yield { rows_done: 0 };
    },
    verify: (of, undo, run) =>
      database.transaction(
        async (connection) => await operation.verify(of, undo, connection, await readMark(connection, run.aside, mark), run),
        { read_only: true },
      ),
    async *rollback(of, undo, run) {
      const note = await undoOnce(database, run, mark, (connection, detail) =>
        operation.revert(of, undo, connection, detail, run),
      );
      yield note === undefined ? { rows_done: 0 } : { rows_done: 0, note };
    },
    async discard(of, undo, run) {
      await ddlTransaction(database, run, async (connection) => {
        await operation.discard?.(of, undo, connection, await readMark(connection, run.aside, mark), run);
        await dropAside(connection, run.aside);
      });
    },
  };
}
