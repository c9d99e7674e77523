import { uniqueStatement } from '../constraints/unique-key.ts';
import type { Connection } from '../database.ts';
import { quote, quoteList, quoteQualified } from '../identifiers.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';

/** The index by which rows are found where the operations have left the new version no key over the old one's. */
const syncIndex = 'polyshift_online_key';

/** Creates the index where there is no other. */
export async function createSyncIndex(connection: Connection, names: OnlineNames, { key }: Mapping): Promise<void> {
  const columns = key.map((each) => each.new);
  const table = await connection.row<{ oid: number }>('SELECT $1::regclass::oid AS oid', [names.newSql]);
  const found = await connection.row<{ fits: boolean }>(uniqueStatement, [table!.oid, JSON.stringify(columns)]);
  if (found?.fits) return;
  await connection.execute(`CREATE UNIQUE INDEX ${quote(syncIndex)} ON ${names.newSql} (${quoteList(columns)})`);
}

/** Drops the index. Idempotent. */
export async function dropSyncIndex(connection: Connection, schema: string): Promise<void> {
  await connection.execute(`DROP INDEX IF EXISTS ${quoteQualified(schema, syncIndex)}`);
}
