import { checksFailed, failedOf, isPolyshiftError, PolyshiftError, type RunContext } from '@polyshift/core';
import { readColumns, type Table, withQualifiedNames } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import type { Connection, Database } from '../database.ts';
import { ddlTransaction, readMark, writeMark } from '../handler/marks.ts';
import { quote, quoteQualified } from '../identifiers.ts';
import type { Built } from './build.ts';
import { refusedChecks } from './compare.ts';
import { dropFunctions, dropTriggers, dropVersionSchema } from './connect.ts';
import { lockParts } from './connect-parts.ts';
import { ownedSequences, takeOverIdentities } from './identity.ts';
import { type IncomingKey, incomingKeys } from './incoming-keys.ts';
import type { OnlineNames } from './names.ts';
import { putMergedAside } from './part-tables.ts';
import { publicationsOf } from './publications.ts';
import { type Relation, unsettledParts } from './relation.ts';
import { dropRelationTriggers } from './relation-triggers.ts';
import { withShortLocks } from './short-lock.ts';
import { dropSyncIndex } from './sync-index.ts';
import { settleAll, settleSide } from './unsettled.ts';
import { refusedPartChecks, settleAllParts, settlePartsOf } from './unsettled-parts.ts';
import { restoreTriggers } from './user-triggers.ts';

const mark = 'swapped';

/** Whether the new version stands in the place of the old one. */
export async function isSwapped(database: Database, aside: string): Promise<boolean> {
  return (await readMark(database, aside, mark)) !== undefined;
}

/**
 * Locks both versions, and what is split or merged, against everybody. The gate comes first: from then on no writer of the new version waits for the old one, and none that does is
 * left; the old one second, so that no writer of it waits for the new one. So none of the three can wait in a circle.
 */
export async function lockBoth(connection: Connection, names: OnlineNames, relations: readonly Relation[]): Promise<void> {
  await connection.rows(`SELECT pg_advisory_xact_lock(${names.gate})`);
  await connection.execute(`LOCK TABLE ${names.oldSql} IN ACCESS EXCLUSIVE MODE`);
  await connection.execute(`LOCK TABLE ${names.newSql} IN ACCESS EXCLUSIVE MODE`);
  await lockParts(connection, names, relations);
}

/** Puts the new version into the place of the old one, and that aside, in one transaction. Idempotent. */
export async function swap(
  database: Database,
  run: RunContext,
  old: Pick<Table, 'oid' | 'schema' | 'name'>,
  names: OnlineNames,
  built: Built,
): Promise<void> {
  if (!(await isSwapped(database, run.aside))) {
    const { relations = [] } = built;
    const found = await database.transaction((connection) => incomingKeys(connection, old, names, built.mapping), {
      read_only: true,
    });
    // A table that is merged goes aside with the old version, and goes on to refer to it.
    const keys = found.filter(({ child }) => relations.every(({ kind, oid }) => kind === 'split' || oid !== child));
    const tables = [old.oid, ...relations.map(({ oid }) => oid), ...keys.map(({ child }) => child)];
    await withShortLocks(database, run, tables, async (connection) => {
      for (const { table } of keys) await connection.execute(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      await lockBoth(connection, names, relations);
      await exchange(connection, run, old, names, built, keys);
    }).catch(async (error: unknown) => {
      // While it was tried the gate was closed now and then: what has stayed behind it is carried over.
      if (isPolyshiftError(error, 'STORE_BUSY')) {
        await settleAll(database, run, names).catch(() => undefined);
        await settleAllParts(database, run, names, relations).catch(() => undefined);
      }
      throw error;
    });
  }
  await run.fault('swapped');
  const detail = (await readMark(database, run.aside, mark)) as { keys: IncomingKey[] } | undefined;
  for (const { table, name } of detail?.keys ?? []) {
    // Keys that were not validated before stay so.
    await ddlTransaction(database, run, (connection) =>
      connection.execute(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${quote(name)}`),
    );
    await run.fault('key_validated');
  }
}

async function exchange(
  connection: Connection,
  run: RunContext,
  { oid, schema, name }: Pick<Table, 'oid' | 'schema' | 'name'>,
  names: OnlineNames,
  { mapping, triggers, relations = [] }: Built,
  keys: readonly IncomingKey[],
): Promise<void> {
  await settleSide(connection, names, 'old');
  // Rows before parts: what the new version has written to a merged one may have been refused only because its row was still behind the gate.
  if (relations.some(({ kind }) => kind === 'merge')) await settleSide(connection, names, 'new');
  await settlePartsOf(connection, names, relations, 'old');
  const refused = failedOf([
    ...(await refusedChecks(connection, names, 'fail')),
    ...(await refusedPartChecks(connection, names, relations, 'fail')),
  ]);
  if (refused.length > 0)
    throw checksFailed(`${name} was not exchanged`, refused, 'Correct these rows where they were written, and finalize again.');
  const old = await readColumns(connection, (await tableIn(connection, schema, name))!);
  if (old.oid !== oid)
    throw new PolyshiftError('CHECK_FAILED', `${name} is not the table any more that the new version was made of`);
  await dropTriggers(connection, names, names.oldSql);
  await dropTriggers(connection, names, names.newSql);
  for (const relation of relations) await dropRelationTriggers(connection, names, relation);
  await restoreTriggers(connection, names, triggers, mapping);
  for (const { table, name: key } of keys) await connection.execute(`ALTER TABLE ${table} DROP CONSTRAINT ${quote(key)}`);
  for (const publication of await publicationsOf(connection, oid)) {
    await connection.execute(`ALTER PUBLICATION ${publication} DROP TABLE ${names.oldSql}`);
    await connection.execute(`ALTER PUBLICATION ${publication} ADD TABLE ${names.newSql}`);
  }
  await takeOverIdentities(connection, names, old, mapping);
  const sequences = await ownedSequences(connection, old, mapping);
  for (const { sequence } of sequences) await connection.execute(`ALTER SEQUENCE ${sequence} OWNED BY NONE`);
  await dropSyncIndex(connection, names.versionSchema);
  await connection.execute(`ALTER TABLE ${names.oldSql} SET SCHEMA ${quote(names.aside)}`);
  await connection.execute(`ALTER TABLE ${names.newSql} SET SCHEMA ${quote(schema)}`);
  await putMergedAside(connection, names, relations);
  for (const { sequence, column } of sequences)
    await connection.execute(`ALTER SEQUENCE ${sequence} OWNED BY ${quoteQualified(schema, name)}.${quote(column)}`);
  for (const { table, name: key, definition, comment } of keys) {
    await connection.execute(`ALTER TABLE ${table} ADD CONSTRAINT ${quote(key)} ${definition} NOT VALID`);
    if (comment !== null) await connection.execute(comment);
  }
  await connection.execute(`DROP TABLE ${names.unsettled}`);
  await connection.execute(`DROP TABLE IF EXISTS ${quoteQualified(names.aside, unsettledParts)}`);
  await dropFunctions(connection, names);
  await dropVersionSchema(connection, names);
  await withQualifiedNames(connection, () =>
    writeMark(connection, run.aside, mark, { keys: keys.filter(({ validated }) => validated) }),
  );
}
