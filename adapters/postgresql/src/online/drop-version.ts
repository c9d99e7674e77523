import { tableIn } from '../catalog/table-name.ts';
import type { Connection } from '../database.ts';
import { quoteQualified } from '../identifiers.ts';
import { dropFunctions, dropVersionSchema } from './connect.ts';
import type { OnlineNames } from './names.ts';
import { unsettledParts } from './relation.ts';

/** Drops the new version with all that was set up for it, but the triggers of the old one. Idempotent. */
export async function dropNewVersion(connection: Connection, names: OnlineNames): Promise<void> {
  await connection.execute(`DROP TABLE IF EXISTS ${names.newSql}`);
  await dropFunctions(connection, names);
  if (await tableIn(connection, names.aside, 'unsettled_writes')) await connection.execute(`DROP TABLE ${names.unsettled}`);
  await connection.execute(`DROP TABLE IF EXISTS ${quoteQualified(names.aside, unsettledParts)}`);
  await dropVersionSchema(connection, names);
}
