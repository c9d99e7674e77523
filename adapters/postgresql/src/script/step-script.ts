import type { JsonObject, Operation, OperationType, ScriptStep, StepScript } from '@polyshift/core';
import type { Connection, Database } from '../database.ts';
import { readMark } from '../handler/marks.ts';
import { discardStatements } from './discard.ts';
import { type Place, placeOf } from './place.ts';

/** What the statements of a step are written from. */
export interface ScriptSource {
  /** The table of the operation. */
  readonly table: Place;
  /** What the mark of the step holds; empty where it has none. */
  readonly detail: JsonObject;
  readonly step: ScriptStep;
  /** Inside a transaction that reads. */
  readonly connection: Connection;
}

/** How an operation writes its way back. */
export interface StepStatements<Type extends OperationType, Undo extends JsonObject> {
  /** The mark without which the step has changed nothing; left out where a step is taken back without one. */
  readonly mark?: string;
  rollback(operation: Operation<Type>, undo: Undo, source: ScriptSource): readonly string[] | Promise<readonly string[]>;
  /** What goes, where the change stays, beside the step's aside schema. */
  readonly finalize?: (operation: Operation<Type>, undo: Undo, source: ScriptSource) => readonly string[];
}

/** Makes the script of a handler, which only reads. */
export function stepScript<Type extends OperationType, Undo extends JsonObject>(
  database: Database,
  statements: StepStatements<Type, Undo>,
): StepScript<Type, Undo> {
  const from = (
    { collection }: Operation<Type>,
    step: ScriptStep,
    write: (source: ScriptSource) => readonly string[] | Promise<readonly string[]>,
  ): Promise<readonly string[]> =>
    database.transaction(
      async (connection) => {
        const detail = statements.mark === undefined ? {} : await readMark(connection, step.aside, statements.mark);
        if (detail === undefined) return [];
        return await write({ table: await placeOf(connection, collection), detail, step, connection });
      },
      { read_only: true },
    );
  return {
    rollback: (operation, undo, step) => from(operation, step, (source) => statements.rollback(operation, undo, source)),
    async discard(operation, undo, step, after) {
      const { finalize } = statements;
      const further =
        after === 'applied' && finalize ? await from(operation, step, (source) => finalize(operation, undo, source)) : [];
      return [...further, ...discardStatements(step.aside)];
    },
  };
}
