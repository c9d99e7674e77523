import { PolyshiftError } from '@polyshift/core';
import { tableIn } from '../catalog/table-name.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { describeKey } from '../handler/examples.ts';
import { withLockedTables } from '../handler/locked-tables.ts';
import { quote } from '../identifiers.ts';
import { countImages } from '../row-images/change-rows.ts';
import { type ImageTable, keyNames, matchesImage, sameKey } from '../row-images/image-table.ts';
import { restoreBatch } from '../row-images/restore-rows.ts';
import type { MysqlLoadUndo } from './load-undo.ts';

/**
 * Takes a load into a new or an empty table back while nobody else can use the table. Throws WRITTEN_SINCE, before it changes anything, where it
 * holds more rows than the load wrote.
 */
export async function takeBackAll(database: Database, undo: MysqlLoadUndo, written: number): Promise<number> {
  return await database.use(async (connection) => {
    const table = await tableIn(connection, undo.schema, undo.name);
    // Dropped, by somebody or by a rollback that stopped: there is nothing of the load left.
    if (!table) return 0;
    return await withLockedTables(connection, [table.sql], async () => {
      const row = await connection.row<{ count: string }>(`SELECT COUNT(*) AS count FROM ${table.sql}`);
      const found = Number(row!.count);
      if (found > written) {
        throw new PolyshiftError('WRITTEN_SINCE', `${undo.collection} holds ${found} rows, of which the load wrote ${written}.`, {
          hint: 'Keep the other rows elsewhere and delete them, then roll back again.',
          data: { collection: table.name, rows: found - written },
        });
      }
      await connection.execute(undo.before === 'absent' ? `DROP TABLE ${table.sql}` : `DELETE FROM ${table.sql}`);
      return found;
    });
  });
}

/** Takes a load into a filled table back in one transaction. Throws WRITTEN_SINCE, before it changes anything, where rows were written since. */
export async function takeBackFilled(database: Database, undo: MysqlLoadUndo, images: ImageTable): Promise<number> {
  const count = await countImages(database, images);
  await database.transaction(async (connection) => {
    await refuseWrittenSince(connection, undo, images);
    await restoreBatch(connection, images, null, null);
  });
  return count;
}

async function refuseWrittenSince(connection: Connection, undo: MysqlLoadUndo, images: ImageTable): Promise<void> {
  const names = keyNames(images, 'i.');
  const gone = `t.${quote(images.key[0]!.name)} IS NULL`;
  // The rows stay locked, so that what was looked at is what is restored.
  const changed = await connection.values(
    // A row that was inserted and is gone needs nothing; one that was replaced and is gone was somebody's.
    `SELECT ${names.join(', ')} FROM ${images.sql} AS i LEFT JOIN ${images.table.sql} AS t ON ${sameKey(images, 'i', 't')}
     WHERE i.changed = 1 AND i.restored = 0 AND IF(${gone}, i.inserted = 0, NOT (${matchesImage(images, 't', 'i', 'a')}))
     ORDER BY ${names.join(', ')} FOR UPDATE`,
  );
  if (changed.length === 0) return;
  const fields = images.key.map((column) => column.name);
  const examples = changed.slice(0, 5).map((row) => describeKey(fields, row));
  throw new PolyshiftError(
    'WRITTEN_SINCE',
    `${changed.length} rows of ${undo.collection} that the load wrote were written since (${examples.join('; ')}).`,
    { hint: 'Keep these rows elsewhere first, or go on forward.', data: { rows: changed.length, examples } },
  );
}
