import type { JsonObject, RunContext } from '@polyshift/core';
import { isPolyshiftError, pause } from '@polyshift/core';
import type { Connection, Queryable } from '../connection.ts';
import type { Database } from '../database.ts';
import { literal } from '../identifiers.ts';

const where = (aside: string, mark: string): string => `kind = 'mark' AND name = ${literal(`${aside}/${mark}`)}`;

/**
 * A mark says how far one part of a step is. Every statement of definition commits by itself here, so that no mark can be written with it: one
 * is written before ("begun") and one after ("done"), and whoever finds a part begun looks at the table how far it got.
 */
export async function readMark(connection: Queryable, aside: string, mark: string): Promise<JsonObject | undefined> {
  const row = await connection.row<{ record: string }>(`SELECT record FROM polyshift_records WHERE ${where(aside, mark)}`);
  return row && (JSON.parse(row.record) as JsonObject);
}

/** Writes or replaces a mark. */
export async function writeMark(connection: Queryable, aside: string, mark: string, detail: JsonObject): Promise<void> {
  await connection.execute(markStatement(aside, mark, detail));
}

/** The statement that writes or replaces a mark. */
export function markStatement(aside: string, mark: string, detail: JsonObject): string {
  return `INSERT INTO polyshift_records VALUES ('mark', ${literal(`${aside}/${mark}`)}, ${literal(JSON.stringify(detail))}, UTC_TIMESTAMP(6))
     ON DUPLICATE KEY UPDATE record = VALUES(record), updated_at = VALUES(updated_at)`;
}

/** Takes a mark away. */
export async function deleteMark(connection: Queryable, aside: string, mark: string): Promise<void> {
  await connection.execute(`DELETE FROM polyshift_records WHERE ${where(aside, mark)}`);
}

/** Takes all marks of a step away. */
export async function deleteMarks(connection: Queryable, aside: string): Promise<void> {
  await connection.execute(deleteMarksStatement(aside));
}

/** The statement that takes all marks of a step away. */
export function deleteMarksStatement(aside: string): string {
  const prefix = `${aside}/`;
  return `DELETE FROM polyshift_records WHERE kind = 'mark' AND LEFT(name, ${[...prefix].length}) = ${literal(prefix)}`;
}

const attempts = 8;

/**
 * Runs statements of definition on one connection while another one holds the fence: nobody can take the run's lock over before they have
 * ended. Each gives up waiting for the table before the application notices, and all is tried again after a pause: the work must look
 * how far it is. Throws STORE_BUSY when it never got the table.
 */
export async function fencedDdl<Result>(
  database: Database,
  run: RunContext,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    await run.guard();
    try {
      return await database.fenced(run.fence, () => database.use(work));
    } catch (error) {
      if (attempt >= attempts || !isPolyshiftError(error, 'STORE_BUSY')) throw error;
      await pause(250 * attempt, run.signal).catch(() => run.guard());
    }
  }
}

/**
 * Does a part of a step once. `work` is called again after a crash in it, and must then look how far it got; what it returns is kept with
 * the mark. Does nothing where the part is done.
 */
export async function once(
  database: Database,
  run: RunContext,
  mark: string,
  work: (connection: Connection) => Promise<JsonObject>,
): Promise<void> {
  await fencedDdl(database, run, async (connection) => {
    const state = await readMark(connection, run.aside, mark);
    if (state?.['done'] === true) return;
    if (state === undefined) await writeMark(connection, run.aside, mark, { done: false });
    await run.fault(`${mark}_begun`);
    const detail = await work(connection);
    await run.fault(`${mark}_made`);
    await writeMark(connection, run.aside, mark, { ...detail, done: true });
  });
}

/** Takes a part of a step back; `work` must look how far it got. Does nothing where the part was never begun. */
export async function undoOnce<Result>(
  database: Database,
  run: RunContext,
  mark: string,
  work: (connection: Connection, detail: JsonObject) => Promise<Result>,
): Promise<Result | undefined> {
  return await fencedDdl(database, run, async (connection) => {
    const detail = await readMark(connection, run.aside, mark);
    if (detail === undefined) return undefined;
    const result = await work(connection, detail);
    await run.fault(`${mark}_undone`);
    await deleteMark(connection, run.aside, mark);
    return result;
  });
}

/** Whether a part of a step is done. */
export async function isDone(connection: Queryable, aside: string, mark: string): Promise<boolean> {
  return (await readMark(connection, aside, mark))?.['done'] === true;
}
