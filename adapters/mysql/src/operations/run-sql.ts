import { type Check, checkThat, isPolyshiftError, PolyshiftError, pass, type RunContext } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import { checkFence, type Database } from '../database.ts';
import { errorNumber } from '../errors.ts';
import { discardAside } from '../handler/aside.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { deleteMark, markStatement, readMark, writeMark } from '../handler/marks.ts';
import { literal } from '../identifiers.ts';
import { stepScript } from '../script/step-script.ts';
import { writtenStatements } from '../script/written.ts';
import { type SqlStatement, splitScript } from '../sql-script.ts';

type Undo = { statements: number };

const mark = 'script';

/**
 * run_sql: the script as it is written. Statements that change rows alone are one transaction; where one among them commits by itself, as every
 * statement of definition does, each is counted, so that it resumes at the statement where it stopped.
 */
export const runSql: HandlerFactory<'run_sql', Undo> = ({ database }) => ({
  async plan({ data }) {
    return splitScript(data.up, 'data.up').map(({ text }) => ({
      statement: text,
      phase: 'migrate',
      risk: 'user_defined',
      undo: data.down === undefined ? 'Not at all: there is no down.' : 'Runs the down script.',
    }));
  },
  async check({ data }): Promise<Check[]> {
    const up = splitScript(data.up, 'data.up');
    await checkSyntax(database, up, 'data.up');
    if (data.down !== undefined) await checkSyntax(database, splitScript(data.down, 'data.down'), 'data.down');
    return [pass('statement_valid', `${up.length} statements`)];
  },
  async prepare({ data }) {
    return { statements: splitScript(data.up, 'data.up').length };
  },
  async *execute({ data }, _undo, run) {
    yield* runScript(database, run, splitScript(data.up, 'data.up'), { counter: mark, whole: data.transaction });
  },
  async verify(_operation, undo, run) {
    const done = Number((await readMark(database, run.aside, mark))?.['done'] ?? 0);
    return [
      checkThat(done === undo.statements, 'statements_run', {
        pass: `all ${done} statements have run`,
        fail: `${done} of ${undo.statements} statements have run`,
        action: 'Run again: it goes on where it stopped.',
      }),
    ];
  },
  async *rollback({ data }, undo, run) {
    const state = await readMark(database, run.aside, mark);
    const begun = state !== undefined && (Number(state['done']) > 0 || state['running'] === true);
    if (begun) {
      if (data.down === undefined) {
        throw new PolyshiftError('NOT_REVERSIBLE', 'The script has no down: nothing was rolled back.', {
          hint: 'Write a `down` (or a .down.sql file), or a new migration forward.',
        });
      }
      const partial = Number(state['done']) < undo.statements;
      yield* runScript(database, run, splitScript(data.down, 'data.down'), {
        counter: 'down',
        whole: data.transaction,
        // What the part that did not run would have made cannot be taken away.
        ...(partial ? { passOver: isMissing } : {}),
      });
    }
    await run.guard();
    await database.fenced(run.fence, async (connection) => {
      await deleteMark(connection, run.aside, mark);
      await deleteMark(connection, run.aside, 'down');
    });
    yield { rows_done: 0 };
  },
  async discard(_operation, _undo, run) {
    await discardAside(database, run);
  },
  script: stepScript(database, {
    mark,
    async rollback({ data }, undo, { detail, step, connection }) {
      if (Number(detail['done']) === 0 && detail['running'] !== true) return [];
      if (data.down === undefined) throw new PolyshiftError('NOT_REVERSIBLE', 'The script has no down.');
      if (Number(detail['done']) < undo.statements || (await readMark(connection, step.aside, 'down')) !== undefined) {
        throw new PolyshiftError('NOT_SCRIPTABLE', 'run_sql stopped among the statements of its script', {
          hint: '`polyshift down` passes over what is not there; a script cannot.',
        });
      }
      return downStatements(step.aside, data.down, data.transaction);
    },
  }),
});

/** The down script with its count between the statements, so that `polyshift down` goes on where a printed script has stopped. */
function downStatements(aside: string, down: string, transaction: boolean): string[] {
  const statements = splitScript(down, 'data.down');
  const { before, after } = writtenStatements(down);
  const count = (done: number, running = false): string => markStatement(aside, 'down', running ? { done, running } : { done });
  if (transaction && !statements.some((statement) => statement.commits)) {
    return [before, 'START TRANSACTION', ...statements.map(({ text }) => text), count(statements.length), 'COMMIT', after];
  }
  const each = statements.flatMap(({ text, commits }, index) =>
    commits ? [count(index, true), text, count(index + 1)] : ['START TRANSACTION', text, count(index + 1), 'COMMIT'],
  );
  return [before, ...each, after];
}

interface ScriptRun {
  /** The mark that counts. */
  readonly counter: string;
  /** Whether one transaction is wanted where the statements allow it. */
  readonly whole: boolean;
  /** Errors of the server that are passed over. */
  readonly passOver?: (number: number) => boolean;
}

async function* runScript(database: Database, run: RunContext, statements: readonly SqlStatement[], script: ScriptRun) {
  const state = await readMark(database, run.aside, script.counter);
  const start = Number(state?.['done'] ?? 0);
  if (start >= statements.length) return;
  await run.guard();
  if (script.whole && !statements.some((statement) => statement.commits)) {
    await onOwnConnection(database, async (connection) => {
      await connection.execute('START TRANSACTION');
      await checkFence(connection, run.fence);
      for (const { text } of statements) await send(connection, text, script);
      await writeMark(connection, run.aside, script.counter, { done: statements.length });
      await run.fault('script_run');
      await connection.execute('COMMIT');
    });
    yield { rows_done: 0 };
    return;
  }
  // One connection for all: variables and temporary tables of a statement are there for the next one.
  let done = start;
  const notes: string[] = [];
  await onOwnConnection(database, async (connection) => {
    for (; done < statements.length; done++) {
      await run.guard();
      const repeated = done === start && state?.['running'] === true;
      await runStatement(database, connection, run, statements[done]!, { ...script, done, repeated });
      notes.push(`statement ${done + 1} of ${statements.length}`);
    }
  });
  yield { rows_done: 0, note: notes.at(-1) ?? '' };
}

/**
 * Runs one statement with its count. One that commits by itself is announced before and counted after; when it is run again after a crash in
 * between, what it says to be there or gone already is what it had made.
 */
async function runStatement(
  database: Database,
  connection: Connection,
  run: RunContext,
  statement: SqlStatement,
  { counter, done, repeated, passOver }: ScriptRun & { done: number; repeated: boolean },
): Promise<void> {
  const counted = (inner: Connection): Promise<void> => writeMark(inner, run.aside, counter, { done: done + 1 });
  if (!statement.commits) {
    await connection.execute('START TRANSACTION');
    await checkFence(connection, run.fence);
    await send(connection, statement.text, { ...(passOver ? { passOver } : {}) });
    await counted(connection);
    await connection.execute('COMMIT');
    await run.fault('statement_done');
    return;
  }
  await database.fenced(run.fence, async () => {
    await writeMark(connection, run.aside, counter, { done, running: true });
    await run.fault('statement_begun');
    const tolerated = (number: number): boolean => (repeated && isMade(number)) || passOver?.(number) === true;
    await send(connection, statement.text, { passOver: tolerated });
    await run.fault('statement_done');
    await counted(connection);
  });
}

async function send(connection: Connection, text: string, { passOver }: Pick<ScriptRun, 'passOver'>): Promise<void> {
  try {
    await connection.execute(text);
  } catch (error) {
    const number = errorNumber(error);
    if (number === undefined || passOver?.(number) !== true) throw error;
  }
}

/** A connection of its own, with the modes that the server's operator has chosen: the script was written for those. */
async function onOwnConnection(database: Database, work: (connection: Connection) => Promise<void>): Promise<void> {
  await database.dedicated(async (connection) => {
    await connection.execute('SET sql_mode = @@GLOBAL.sql_mode');
    await work(connection);
  });
}

/** Already there, or already gone. */
function isMade(number: number): boolean {
  return isMissing(number) || [1007, 1050, 1060, 1061, 1304, 1359, 1396, 1826, 3822].includes(number);
}

/** A database, table, column, index, routine, trigger, event or constraint that is not there. */
function isMissing(number: number): boolean {
  return [1008, 1051, 1054, 1091, 1146, 1305, 1360, 1539, 3821, 3940].includes(number);
}

/** Has the server parse each statement, without running it; what it does not prepare at all is left to the run. */
async function checkSyntax(database: Database, statements: readonly SqlStatement[], path: string): Promise<void> {
  await onOwnConnection(database, async (connection) => {
    for (const { text, line } of statements) {
      try {
        await connection.execute(`PREPARE polyshift_try FROM ${literal(text)}`);
      } catch (error) {
        if (!isPolyshiftError(error, 'INVALID_SYNTAX')) continue;
        throw new PolyshiftError('INVALID_SYNTAX', `Line ${line}: ${error.message}`, { place: { line, path }, cause: error });
      }
    }
  });
}
