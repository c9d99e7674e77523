import { basename } from 'node:path';
import { migrationFileName, runsInTransaction } from '@polyshift/core';
import { placesOf } from './place.ts';
import type { Script } from './script.ts';

/** A file of SQL as a script. In a migration (`NNN_name.up.sql`) the file says whether it runs in a transaction, else the configuration. */
export function sqlFile(path: string, text: string, transaction: boolean): Script {
  const migration = migrationFileName(basename(path)) !== undefined;
  return {
    sql: text,
    place: placesOf(text),
    transaction: migration ? runsInTransaction(text) : transaction,
    migration,
  };
}
