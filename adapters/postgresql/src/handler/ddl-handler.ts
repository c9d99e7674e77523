import type {
  Check,
  JsonObject,
  Operation,
  OperationHandler,
  OperationType,
  PlanContext,
  PlannedStep,
  RunContext,
  ScriptStep,
} from '@polyshift/core';
import type { Connection } from '../database.ts';
import { placeOf } from '../script/place.ts';
import { type ScriptSource, stepScript } from '../script/step-script.ts';
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
  /**
   * The statements that take the change back, written from undo record and mark; for scripts and, where there is no `revert`, for rollback
   * itself. They refuse by failing where going back would lose what the application has written.
   */
  script(operation: Operation<Type>, undo: Undo, source: ScriptSource): readonly string[] | Promise<readonly string[]>;
  /** What goes, where the change stays, beside the step's aside schema. */
  finalizeScript?(operation: Operation<Type>, undo: Undo, source: ScriptSource): readonly string[];
  /**
   * Takes the change back inside a fenced transaction, where a look at the rows says more than a statement that fails; only called where
   * apply has run. May return a note for people.
   */
  revert?(
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
      const note = await undoOnce(database, run, mark, async (connection, detail) => {
        if (operation.revert) return await operation.revert(of, undo, connection, detail, run);
        const table = await placeOf(connection, of.collection);
        const step: ScriptStep = { version: run.version, step: run.step, aside: run.aside, state: 'rolling_back' };
        for (const statement of await operation.script(of, undo, { table, detail, step, connection }))
          await connection.execute(statement);
        return undefined;
      });
      yield note === undefined ? { rows_done: 0 } : { rows_done: 0, note };
    },
    async discard(of, undo, run) {
      await ddlTransaction(database, run, async (connection) => {
        await operation.discard?.(of, undo, connection, await readMark(connection, run.aside, mark), run);
        await dropAside(connection, run.aside);
      });
    },
    script: stepScript(database, {
      mark,
      rollback: (of, undo, source) => operation.script(of, undo, source),
      finalize: (of, undo, source) => operation.finalizeScript?.(of, undo, source) ?? [],
    }),
  };
}
