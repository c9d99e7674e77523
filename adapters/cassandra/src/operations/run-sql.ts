import type { AsideStore } from '@polyshift/adapter-kit';
import { checkThat, type JsonObject, PolyshiftError, type Progress, pass, type RunContext } from '@polyshift/core';
import { changeSchema } from '../cql/execute.ts';
import { type ScriptStatement, splitScript } from '../cql/script.ts';
import { toPolyshiftError } from '../errors.ts';
import { rowOperations } from '../rows/row-operations.ts';
import type { Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/**
 * run_sql: a script of CQL, statement by statement; what was reached is noted aside around each of them. Cassandra has no transactions: a
 * statement that was in work when the run was killed runs once more.
 */
export const runSql: HandlerOf<'run_sql'> = (store) => {
  const { aside } = rowOperations(store).store;
  return {
    async plan({ data }) {
      return splitScript(data.up).map(({ text }) => ({
        statement: text,
        phase: 'migrate' as const,
        risk: 'user_defined' as const,
        undo: data.down === undefined ? 'not at all: there is no down' : 'runs the down script',
      }));
    },

    async check({ data }) {
      if (data.down !== undefined) splitScript(data.down);
      const { length } = splitScript(data.up);
      return [
        checkThat(length > 0, 'statement_valid', {
          pass: `${length} statements`,
          fail: 'there is no statement',
          action: 'Write one.',
        }),
        ...(data.transaction ? [pass('transaction', 'Cassandra has no transactions: the statements run one by one')] : []),
      ];
    },

    async prepare({ data }): Promise<JsonObject> {
      return { statements: splitScript(data.up).length };
    },

    execute: ({ data }, _undo, run) => runEach(store, aside, run, splitScript(data.up), 'up'),

    async verify({ data }, _undo, run) {
      const { length } = splitScript(data.up);
      const done = (await reached(aside, run, 'up'))?.done ?? 0;
      return [
        checkThat(done === length, 'statements_run', {
          pass: `all ${length} statements have run`,
          fail: `${done} of ${length} statements have run`,
          action: 'Run again: it goes on where it stopped.',
        }),
      ];
    },

    async *rollback({ data }, _undo, run) {
      if ((await reached(aside, run, 'up')) === undefined) return yield { rows_done: 0 };
      if (data.down === undefined) {
        throw new PolyshiftError('NOT_REVERSIBLE', 'the script has no down: nothing was rolled back', {
          hint: 'Write a `down` (or a .down.sql file), or a new migration forward.',
        });
      }
      yield* runEach(store, aside, run, splitScript(data.down), 'down');
    },

    discard: (_operation, _undo, run) => aside.drop(place(run)),
  };
};

/** How far a script is: statements that are done, and whether the next one was begun. */
interface Reached {
  readonly done: number;
  readonly begun: boolean;
}

async function* runEach(
  store: Store,
  aside: AsideStore,
  run: RunContext,
  statements: readonly ScriptStatement[],
  script: 'up' | 'down',
): AsyncGenerator<Progress> {
  await aside.ensure(place(run));
  const start = (await reached(aside, run, script)) ?? { done: 0, begun: false };
  const partial = script === 'down' && !(await isWhole(aside, run));
  for (const [index, { text, line }] of statements.entries()) {
    if (index < start.done) continue;
    await run.guard();
    await note(aside, run, script, { done: index, begun: true });
    await run.fault('begun');
    try {
      await changeSchema(store, text);
    } catch (error) {
      const known = toPolyshiftError(error, `line ${line}`);
      // The statement was in work when the run was killed, or undoes one that never ran: then what it makes or drops may be there, or gone, already.
      const inDoubt = partial || (start.begun && index === start.done);
      if (!inDoubt || !['ALREADY_EXISTS', 'UNKNOWN_COLLECTION', 'UNKNOWN_FIELD'].includes(known.code)) throw known;
    }
    await run.fault('run');
    await note(aside, run, script, { done: index + 1, begun: false });
    yield { rows_done: index + 1, rows_total: statements.length };
  }
}

/** Whether the up script has run to its end. */
async function isWhole(aside: AsideStore, run: RunContext): Promise<boolean> {
  const up = await reached(aside, run, 'up');
  return up !== undefined && !up.begun;
}

async function reached(aside: AsideStore, run: RunContext, script: string): Promise<Reached | undefined> {
  return (await aside.get(place(run), [script])).get(script) as unknown as Reached | undefined;
}

async function note(aside: AsideStore, run: RunContext, script: string, { done, begun }: Reached): Promise<void> {
  await aside.put(place(run), [{ key: script, value: { done, begun } }], 'replace');
}

function place(run: RunContext): string {
  return `script_${run.aside}`;
}
