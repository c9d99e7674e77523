import { type Check, checkThat, type Operation, PolyshiftError, pass, type RunContext } from '@polyshift/core';
import type { Connection, Database } from '../database.ts';
import { checkFence } from '../database.ts';
import { dropAside } from '../handler/aside.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlTransaction, deleteMark, once, readMark, undoOnce, writeMark } from '../handler/marks.ts';
import { stepScript } from '../script/step-script.ts';
import { writtenStatements } from '../script/written.ts';
import { needsNoTransaction, parseSql, type SqlStatement } from '../sql-parser.ts';

type Undo = { statements: number };

const mark = 'script';

/**
 * run_sql: the script as it is written. In one transaction it is done or not done; statement by statement it is counted, so that it resumes
 * at the statement where it stopped.
 */
export const runSql: HandlerFactory<'run_sql', Undo> = ({ database }) => ({
  async plan({ data }) {
    const statements = await readScript(data.up, data.transaction, 'data.up');
    return statements.map(({ text }) => ({
      statement: text,
      phase: 'migrate',
      risk: 'user_defined',
      undo: data.down === undefined ? 'Not at all: there is no down.' : 'Runs the down script.',
    }));
  },
  async check({ data }): Promise<Check[]> {
    // Syntax errors are thrown, with line and column: they are errors of the document, not of the data.
    const up = await readScript(data.up, data.transaction, 'data.up');
    if (data.down !== undefined) await readScript(data.down, data.transaction, 'data.down');
    return [pass('statement_valid', `${up.length} statements`)];
  },
  async prepare({ data }) {
    return { statements: (await readScript(data.up, data.transaction, 'data.up')).length };
  },
  async *execute(operation, undo, run) {
    const { up, transaction } = operation.data;
    if (transaction) {
      await run.fault('before');
      const apply = async (connection: Connection) => {
        await runScript(connection, up);
        return { done: undo.statements };
      };
      await once(database, run, mark, apply, { close_after: true });
      await run.fault('after');
      yield { rows_done: 0 };
    } else yield* runEach(database, run, await readScript(up, false, 'data.up'), 'up');
  },
  async verify(_operation, undo, run) {
    const detail = await readMark(database, run.aside, mark);
    const done = Number(detail?.['done'] ?? 0);
    return [
      checkThat(done === undo.statements, 'statements_run', {
        pass: `all ${done} statements have run`,
        fail: `${done} of ${undo.statements} statements have run`,
        action: 'Run again: it goes on where it stopped.',
      }),
    ];
  },
  async *rollback(operation, _undo, run) {
    const { down, transaction } = operation.data;
    if ((await readMark(database, run.aside, mark)) === undefined) {
      yield { rows_done: 0 };
      return;
    }
    if (down === undefined) {
      throw new PolyshiftError('NOT_REVERSIBLE', 'The script has no down: nothing was rolled back.', {
        hint: 'Write a `down` (or a .down.sql file), or a new migration forward.',
      });
    }
    if (transaction) {
      await undoOnce(database, run, mark, (connection) => runScript(connection, down), { close_after: true });
      yield { rows_done: 0 };
      return;
    }
    yield* runEach(database, run, await readScript(down, false, 'data.down'), 'down');
    await ddlTransaction(database, run, async (connection) => {
      await deleteMark(connection, run.aside, mark);
      await deleteMark(connection, run.aside, 'down');
    });
  },
  async discard(_operation, _undo, run) {
    await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
  },
  script: stepScript(database, {
    mark,
    async rollback({ data }, _undo, { step, connection }) {
      if (data.down === undefined) throw new PolyshiftError('NOT_REVERSIBLE', 'The script has no down.');
      if (step.state === 'rolling_back' && (await readMark(connection, step.aside, 'down')) !== undefined) {
        throw new PolyshiftError('NOT_SCRIPTABLE', 'the down script of run_sql has begun, statement by statement', {
          hint: '`polyshift down` goes on where it stopped.',
        });
      }
      return await writtenStatements(database, data.down);
    },
  }),
});

/** Parses a script and refuses what the driver or a transaction cannot carry. */
async function readScript(
  sql: string,
  transaction: Operation<'run_sql'>['data']['transaction'],
  path: string,
): Promise<SqlStatement[]> {
  let statements: SqlStatement[];
  try {
    statements = await parseSql(sql);
  } catch (error) {
    if (!(error instanceof PolyshiftError)) throw error;
    throw new PolyshiftError(error.code, error.message, { place: { ...error.place, path }, cause: error.cause });
  }
  for (const { node, line } of statements) {
    const [kind = ''] = Object.keys(node);
    const refuse = (what: string, hint: string): PolyshiftError =>
      new PolyshiftError('UNSUPPORTED_OPERATION', `Line ${line}: ${what}.`, { hint, place: { line, path } });
    if (kind === 'TransactionStmt') {
      throw refuse(
        'the script begins or ends transactions itself',
        'Leave BEGIN and COMMIT out: `transaction` says how it runs.',
      );
    }
    const copy = node['CopyStmt'] as { filename?: string; is_program?: boolean } | undefined;
    if (copy && copy.filename === undefined)
      throw refuse('COPY from or to the client has no client here', 'Use INSERT, load, or an ETL spec.');
    if (transaction && needsNoTransaction(kind, node)) {
      throw refuse('this statement cannot run inside a transaction', 'Set `transaction: false`.');
    }
  }
  return statements;
}

/** Runs a script inside the transaction; the mark behind it is written as whoever began. */
async function runScript(connection: Connection, sql: string): Promise<void> {
  await connection.execute(sql);
  await connection.execute('RESET ROLE');
}

/**
 * Runs statement by statement on one connection. A statement that a transaction can hold commits together with its count; one that cannot is
 * counted right after it.
 */
async function* runEach(database: Database, run: RunContext, statements: readonly SqlStatement[], direction: 'up' | 'down') {
  const counter = direction === 'up' ? mark : 'down';
  const start = Number((await readMark(database, run.aside, counter))?.['done'] ?? 0);
  if (start === 0) {
    await ddlTransaction(database, run, (connection) => writeMark(connection, run.aside, counter, { done: 0 }));
  }
  for (let done = start; done < statements.length; done++) {
    await run.guard();
    const { text, node } = statements[done]!;
    const [kind = ''] = Object.keys(node);
    await database.dedicated(async (connection) => {
      await connection.execute('BEGIN');
      await checkFence(connection, run.fence);
      if (needsNoTransaction(kind, node)) {
        await connection.execute('COMMIT');
        await connection.execute(text);
        await run.fault('statement_done');
        await connection.execute('BEGIN');
      } else await connection.execute(text);
      await writeMark(connection, run.aside, counter, { done: done + 1 });
      await connection.execute('COMMIT');
    });
    yield { rows_done: 0, note: `statement ${done + 1} of ${statements.length}` };
  }
}
