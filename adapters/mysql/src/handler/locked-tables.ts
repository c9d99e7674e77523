import type { Connection } from '../connection.ts';

/**
 * Runs work while nobody else can read or write the tables: what is found out stays true until the change is made. Statements inside may use no
 * other tables. Ends an open transaction.
 */
export async function withLockedTables<Result>(
  connection: Connection,
  tables: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  await connection.execute(`LOCK TABLES ${tables.map((table) => `${table} WRITE`).join(', ')}`);
  try {
    return await work();
  } finally {
    // A connection that is lost has no locks any more.
    await connection.execute('UNLOCK TABLES').catch(() => {});
  }
}
