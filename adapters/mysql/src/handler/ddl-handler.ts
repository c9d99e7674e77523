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
import type { Connection } from '../connection.ts';
import { type ScriptSource, type StepStatements, stepScript } from '../script/step-script.ts';
import { discardAside } from './aside.ts';
import { collectChecks } from './checks.ts';
import type { HandlerContext } from './context.ts';
import { once, readMark, undoOnce } from './marks.ts';

/** An operation that is one statement of definition, or a few that look how far they are. */
export interface DdlOperation<Type extends OperationType, Undo extends JsonObject> {
  plan(operation: Operation<Type>, context: PlanContext): Promise<PlannedStep[]>;
  check(operation: Operation<Type>, connection: Connection): Promise<Check[]>;
  prepare(operation: Operation<Type>, connection: Connection, run: RunContext): Promise<Undo>;
  /**
   * Makes the change. Called again after a crash in it: it looks what is done already. The result is kept for verify and revert.
   */
  apply(operation: Operation<Type>, undo: Undo, connection: Connection, run: RunContext): Promise<JsonObject>;
  /** `detail` is what apply returned, undefined where it did not come to its end. */
  verify(
    operation: Operation<Type>,
    undo: Undo,
    connection: Connection,
    detail: JsonObject | undefined,
    run: RunContext,
  ): Promise<Check[]>;
  /** Takes the change back, however far it got; only called where apply was begun. May return a note for people. */
  revert(
    operation: Operation<Type>,
    undo: Undo,
    connection: Connection,
    detail: JsonObject,
    run: RunContext,
  ): Promise<string | undefined>;
  /** The statements that take the change back, for scripts. */
  script(operation: Operation<Type>, undo: Undo, source: ScriptSource): readonly string[] | Promise<readonly string[]>;
  /** What `discard` comes to as statements. */
  readonly discardScript?: StepStatements<Type, Undo>['further'];
  /** Deletes what is kept aside, before the step's marks go. */
  discard?(operation: Operation<Type>, undo: Undo, connection: Connection, run: RunContext): Promise<void>;
}

const mark = 'applied';

/** Makes a handler of a {@link DdlOperation}. */
export function ddlHandler<Type extends OperationType, Undo extends JsonObject>(
  { database }: HandlerContext,
  operation: DdlOperation<Type, Undo>,
): OperationHandler<Type, Undo> {
  return {
    plan: (of, planContext) => operation.plan(of, planContext),
    check: (of) => collectChecks(database, (connection) => operation.check(of, connection)),
    prepare: (of, run) => database.use((connection) => operation.prepare(of, connection, run)),
    async *execute(of, undo, run) {
      await once(database, run, mark, (connection) => operation.apply(of, undo, connection, run));
      yield { rows_done: 0 };
    },
    verify: (of, undo, run) =>
      database.use(async (connection) => {
        const detail = await readMark(connection, run.aside, mark);
        return await operation.verify(of, undo, connection, detail?.['done'] === true ? detail : undefined, run);
      }),
    async *rollback(of, undo, run) {
      const note = await undoOnce(database, run, mark, (connection, detail) =>
        operation.revert(of, undo, connection, detail, run),
      );
      yield note === undefined ? { rows_done: 0 } : { rows_done: 0, note };
    },
    async discard(of, undo, run) {
      await run.guard();
      const begun = await readMark(database, run.aside, mark);
      if (begun !== undefined) await database.use(async (connection) => operation.discard?.(of, undo, connection, run));
      await discardAside(database, run);
    },
    script: stepScript(database, {
      mark,
      rollback: (of, undo, source) => operation.script(of, undo, source),
      ...(operation.discardScript ? { further: operation.discardScript } : {}),
    }),
  };
}
