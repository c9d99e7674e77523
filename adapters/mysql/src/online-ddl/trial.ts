import { randomBytes } from 'node:crypto';
import type { Connection } from '../connection.ts';
import { quote } from '../identifiers.ts';

/**
 * Runs work with an empty copy of a table: the server has the last word on types, defaults and conditions, and says which way a change would
 * go, without the table itself being touched. Nothing of it stays; a copy that a crash left behind is dropped by the next trial a day later.
 */
export async function onTrialTable<Result>(
  connection: Connection,
  table: string,
  work: (trial: string) => Promise<Result>,
): Promise<Result> {
  await dropForgotten(connection);
  const trial = quote(`${prefix}${randomBytes(8).toString('hex')}`);
  await connection.execute(`CREATE TABLE ${trial} LIKE ${table}`);
  try {
    return await work(trial);
  } finally {
    await connection.execute(`DROP TABLE IF EXISTS ${trial}`).catch(() => {});
  }
}

const prefix = 'polyshift_trial_';

async function dropForgotten(connection: Connection): Promise<void> {
  const old = await connection.rows<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()
     AND LEFT(table_name, ${prefix.length}) = '${prefix}' AND create_time < NOW() - INTERVAL 1 DAY`,
  );
  // One that a foreign key of another one points to goes the next time.
  for (const { name } of old) await connection.execute(`DROP TABLE IF EXISTS ${quote(name)}`).catch(() => {});
}
