import type { RunContext } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import type { Connection, Queryable } from '../connection.ts';
import { withLockedTables } from '../handler/locked-tables.ts';
import { readMark, writeMark } from '../handler/marks.ts';
import { quoteQualified } from '../identifiers.ts';
import type { OnlineWork } from './new-table.ts';
import { shortDdl } from './short-ddl.ts';
import { asWritten, copyName, guardedBy, guardedTrigger, type UserTrigger, userTriggers } from './user-triggers.ts';

/** The mark that holds the triggers as they were before any was touched, and what is being done with them. */
const mark = 'online_user_triggers';

/**
 * How far it is with the triggers. Those that end in `ing` are written before the first one is dropped: whoever finds one makes every trigger of the list anew,
 * since one that is missing was on its way.
 */
type Kept = { triggers: UserTrigger[]; stage: 'kept' | 'guarding' | 'guarded' | 'restoring' | 'restored' | 'naming' | 'named' };

/**
 * Gives the new version the triggers of the old one, under other names, and makes both do nothing for writes that come from the other version. It comes
 * before what carries writes over, so that the triggers of the user's own fire first, as they are.
 */
export async function guardTriggers(work: OnlineWork, run: RunContext): Promise<void> {
  const { database, names, undo } = work;
  const kept = (await readKept(work, run)) ?? (await keep(work, run));
  if (kept.triggers.length === 0 || kept.stage === 'guarded') return;
  if (kept.stage === 'kept') {
    const there = await guardedBy(database, undo.schema, undo.new_name);
    for (const trigger of kept.triggers) {
      const name = copyName(trigger, names);
      if (there.has(name)) continue;
      const copy = guardedTrigger(trigger, 'new', names, name, names.new);
      await database.use((connection) => asWritten(connection, trigger, undo.schema, [copy]));
      await run.fault('trigger_copied');
    }
    await write(work, run, { ...kept, stage: 'guarding' });
  }
  await replace(work, run, undo.name, kept.triggers, (trigger) => ({
    from: trigger.name,
    to: trigger.name,
    sql: guardedTrigger(trigger, 'old', names, trigger.name, names.old),
  }));
  await write(work, run, { ...kept, stage: 'guarded' });
}

/** Makes the triggers of the old version what they were. One that was dropped or changed meanwhile stays so. */
export async function restoreTriggers(work: OnlineWork, run: RunContext): Promise<void> {
  const { database, undo } = work;
  let kept = await readKept(work, run);
  if (kept === undefined || kept.triggers.length === 0 || kept.stage === 'kept' || kept.stage === 'restored') return;
  if (kept.stage === 'guarded') {
    const there = await guardedBy(database, undo.schema, undo.name);
    kept = { triggers: kept.triggers.filter(({ name }) => there.get(name) === true), stage: 'restoring' };
    await write(work, run, kept);
  }
  await replace(work, run, undo.name, kept.triggers, (trigger) => ({
    from: trigger.name,
    to: trigger.name,
    sql: trigger.statement,
  }));
  await write(work, run, { ...kept, stage: 'restored' });
}

/** Gives the triggers of the new version, which has its name, their own names and bodies; those of the version aside go. */
export async function nameTriggers(work: OnlineWork, run: RunContext): Promise<void> {
  const { database, names, undo } = work;
  let kept = await readKept(work, run);
  if (kept === undefined || kept.triggers.length === 0 || kept.stage === 'named') return;
  if (kept.stage !== 'naming') {
    const there = await guardedBy(database, undo.schema, undo.name);
    kept = { triggers: kept.triggers.filter((trigger) => there.has(copyName(trigger, names))), stage: 'naming' };
    await write(work, run, kept);
  }
  for (const name of (await guardedBy(database, undo.schema, names.asideName)).keys())
    await database.execute(`DROP TRIGGER IF EXISTS ${quoteQualified(undo.schema, name)}`);
  await run.fault('old_triggers_dropped');
  await replace(work, run, undo.name, kept.triggers, (trigger) => ({
    from: copyName(trigger, names),
    to: trigger.name,
    sql: trigger.statement,
  }));
  await write(work, run, { ...kept, stage: 'named' });
}

/** What is wrong with the triggers of the user's own while two versions are in use; undefined where nothing is. */
export async function triggerProblem(work: OnlineWork, run: Pick<RunContext, 'aside'>): Promise<string | undefined> {
  const { database, names, undo } = work;
  const kept = await readKept(work, run);
  const triggers = kept?.triggers ?? [];
  if (triggers.length > 0 && kept?.stage !== 'guarded') return 'the triggers of the table are not those of both versions yet';
  const [old, fresh] = [await guardedBy(database, undo.schema, undo.name), await guardedBy(database, undo.schema, undo.new_name)];
  const bare = [...old, ...fresh].filter(([, guarded]) => !guarded).map(([name]) => name);
  if (bare.length > 0)
    return `the triggers ${bare.join(', ')} were created while two versions are in use, and would fire for writes that come from the other one too: drop them, and create them when the change is final`;
  const single = triggers.filter((trigger) => old.has(trigger.name) !== fresh.has(copyName(trigger, names)));
  if (single.length === 0) return undefined;
  return `the triggers ${single.map(({ name }) => name).join(', ')} were dropped from one version: drop them from the other one as well (there they are called ${single.map((trigger) => copyName(trigger, names)).join(', ')})`;
}

/** Throws CHECK_FAILED where a trigger of the old version would go with it. */
export async function refuseTriggers(work: OnlineWork, run: RunContext): Promise<void> {
  const problem = await triggerProblem(work, run);
  if (problem !== undefined) throw new PolyshiftError('CHECK_FAILED', problem, { hint: 'Then run again.' });
}

interface Replacement {
  readonly from: string;
  readonly to: string;
  readonly sql: string;
}

/**
 * Puts triggers of a table into the place of others, all of them in their order, while nobody reads or writes it: so no write meets the table without one, nor
 * with one twice. Where the server can replace a trigger by one statement (MariaDB) it does; elsewhere one that is killed between two statements leaves the
 * table without a trigger until the next run.
 */
async function replace(
  work: OnlineWork,
  run: RunContext,
  table: string,
  triggers: readonly UserTrigger[],
  replacement: (trigger: UserTrigger) => Replacement,
): Promise<void> {
  const { database, undo } = work;
  if (triggers.length === 0) return;
  const whole = await replacesTriggers(database);
  await shortDdl(database, run, { schema: undo.schema, tables: [table] }, (connection) =>
    withLockedTables(connection, [quoteQualified(undo.schema, table)], async () => {
      for (const trigger of triggers) {
        const { from, to, sql } = replacement(trigger);
        const drop = `DROP TRIGGER IF EXISTS ${quoteQualified(undo.schema, from)}`;
        const drops = whole && from === to ? [] : [drop];
        if (!whole && from !== to) drops.push(`DROP TRIGGER IF EXISTS ${quoteQualified(undo.schema, to)}`);
        for (const each of drops) await connection.execute(each);
        if (drops.length > 0) await run.fault('user_trigger_dropped');
        await asWritten(connection, trigger, undo.schema, [whole ? sql.replace(/^\s*CREATE\b/i, 'CREATE OR REPLACE') : sql]);
        await run.fault('user_trigger_created');
      }
    }),
  );
  await run.fault('user_triggers_replaced');
}

/** MariaDB has CREATE OR REPLACE TRIGGER. */
async function replacesTriggers(connection: Queryable): Promise<boolean> {
  const [row] = await connection.values('SELECT VERSION()');
  return /mariadb/i.test(String(row![0]));
}

async function keep(work: OnlineWork, run: RunContext): Promise<Kept> {
  const { database, undo } = work;
  const triggers = await database.use((connection: Connection) => userTriggers(connection, undo.schema, undo.name));
  const kept: Kept = { triggers, stage: 'kept' };
  if (triggers.length > 0) await write(work, run, kept);
  return kept;
}

async function write({ database }: OnlineWork, run: RunContext, kept: Kept): Promise<void> {
  await run.guard();
  await database.use((connection) => writeMark(connection, run.aside, mark, kept));
  await run.fault(`user_triggers_${kept.stage}`);
}

async function readKept({ database }: OnlineWork, run: Pick<RunContext, 'aside'>): Promise<Kept | undefined> {
  return (await readMark(database, run.aside, mark)) as Kept | undefined;
}
