import type { JsonObject, Operation, OperationType, ScriptStep, StepScript } from '@polyshift/core';
import { readDefinition, type Table } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { asideTable } from '../handler/aside.ts';
import { deleteMarksStatement, readMark } from '../handler/marks.ts';
import { type Place, placeOf } from './place.ts';

/** What the statements of a step are written from. */
export interface ScriptSource {
  /** The table of the operation. */
  readonly table: Place;
  /** What the mark of the step holds; empty where it has none. */
  readonly detail: JsonObject;
  readonly step: ScriptStep;
  /**
   * Of a step that stopped part-way, which is the newest there is: the table as it is now, to see how far it got; undefined where there is none.
   * `whole` for a step that is done: then everything it makes is there.
   */
  readonly live: Table | undefined | 'whole';
  readonly connection: Connection;
}

/** How an operation writes its way back. */
export interface StepStatements<Type extends OperationType, Undo extends JsonObject> {
  /** The mark without which the step has changed nothing; left out where a step is taken back without one. */
  readonly mark?: string;
  /** Its tables aside, by what they are. */
  readonly aside?: readonly string[];
  rollback(operation: Operation<Type>, undo: Undo, source: ScriptSource): readonly string[] | Promise<readonly string[]>;
  /** What is deleted beside tables aside and marks. */
  readonly further?: (
    operation: Operation<Type>,
    undo: Undo,
    source: ScriptSource,
    after: 'rollback' | 'applied',
  ) => readonly string[] | Promise<readonly string[]>;
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
    database.use(async (connection) => {
      const detail = statements.mark === undefined ? {} : await readMark(connection, step.aside, statements.mark);
      if (detail === undefined) return [];
      const table = await placeOf(connection, collection);
      const live = step.state === 'done' ? ('whole' as const) : await liveTable(connection, table);
      return await write({ table, detail, step, live, connection });
    });
  return {
    rollback: (operation, undo, step) => from(operation, step, (source) => statements.rollback(operation, undo, source)),
    async discard(operation, undo, step, after) {
      const { aside = [], further } = statements;
      return [
        ...(further ? await from(operation, step, (source) => further(operation, undo, source, after)) : []),
        ...aside.map((what) => `DROP TABLE IF EXISTS ${asideTable(step.aside, what)}`),
        deleteMarksStatement(step.aside),
      ];
    },
  };
}

async function liveTable(connection: Connection, { schema, name }: Place): Promise<Table | undefined> {
  const found = await tableIn(connection, schema, name);
  return found && (await readDefinition(connection, found));
}

/** Whether something that a step makes is there: of a step that is done it is, else the table says so. */
export function isThere(live: ScriptSource['live'], look: (table: Table) => boolean): boolean {
  return live === 'whole' || (live !== undefined && look(live));
}

/** Whether a column is there that a step makes; see {@link isThere}. */
export function hasColumn(live: ScriptSource['live'], name: string): boolean {
  return isThere(live, (table) => table.allColumns.some((column) => column.name === name));
}
