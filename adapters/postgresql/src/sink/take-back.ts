import { PolyshiftError } from '@polyshift/core';
import { type TableName, tableByOid } from '../catalog/table-name.ts';
import type { Connection } from '../database.ts';
import { describeKey } from '../handler/examples.ts';
import { type ImageTable, keyNames, matchesImage, sameKey } from '../row-images/image-table.ts';
import { restoreBatch, withoutTriggers } from '../row-images/restore-rows.ts';
import type { PostgresLoadUndo } from './load-undo.ts';

/** Takes a load back in one transaction. Throws WRITTEN_SINCE, before it changes anything, where somebody else has written. */
export async function takeBack(
  connection: Connection,
  undo: PostgresLoadUndo,
  oid: number,
  loaded: number,
  images: ImageTable | undefined,
): Promise<number> {
  const table = await tableByOid(connection, oid);
  // Dropped by somebody: there is nothing of the load left.
  if (!table) return 0;
  await connection.execute(`LOCK TABLE ${table.sql} IN ${undo.before === 'absent' ? 'ACCESS' : 'SHARE ROW'} EXCLUSIVE MODE`);
  if (images) return await restoreFilled(connection, undo, images);
  // The batches count what they wrote in their own transactions; what the caller counted may miss the last one before a kill.
  const row = await connection.row<{ written: string; found: string }>(
    `SELECT coalesce((SELECT sum(rows) FROM polyshift.load_batches WHERE aside = $1), 0)::text AS written,
       (SELECT count(*) FROM ${table.sql})::text AS found`,
    [undo.aside],
  );
  const written = Math.max(Number(row!.written), loaded);
  refuseOthers(undo, table, Number(row!.found), written);
  await connection.execute(undo.before === 'absent' ? `DROP TABLE ${table.sql}` : `DELETE FROM ${table.sql}`);
  return Number(row!.found);
}

function refuseOthers(undo: PostgresLoadUndo, table: TableName, found: number, written: number): void {
  if (found <= written) return;
  throw new PolyshiftError('WRITTEN_SINCE', `${undo.collection} holds ${found} rows, of which the load wrote ${written}.`, {
    hint: 'Keep the other rows elsewhere and delete them, then roll back again.',
    data: { collection: table.name, rows: found - written },
  });
}

async function restoreFilled(connection: Connection, undo: PostgresLoadUndo, images: ImageTable): Promise<number> {
  const names = keyNames(images, 'i.');
  const changed = await connection.texts(
    // A row that was inserted and is gone needs nothing; one that was replaced and is gone was somebody's.
    `SELECT count(*) OVER (), ${names.join(', ')} FROM ${images.sql} AS i LEFT JOIN ${images.table.sql} AS t ON ${sameKey(images, 'i', 't')}
     WHERE i.changed AND NOT i.restored AND CASE WHEN t.tableoid IS NULL THEN NOT i.inserted ELSE NOT (${matchesImage(images, 't', 'i', 'a')}) END
     ORDER BY ${names.join(', ')} LIMIT 5`,
  );
  if (changed.length > 0) {
    const examples = changed.map((row) =>
      describeKey(
        images.key.map((column) => column.name),
        row.slice(1),
      ),
    );
    throw new PolyshiftError(
      'WRITTEN_SINCE',
      `${changed[0]![0]} rows of ${undo.collection} that the load wrote were written since (${examples.join('; ')}).`,
      { hint: 'Keep these rows elsewhere first, or go on forward.', data: { rows: Number(changed[0]![0]), examples } },
    );
  }
  const row = await connection.row<{ count: string }>(`SELECT count(*) AS count FROM ${images.sql}`);
  await withoutTriggers(connection, images, () => restoreBatch(connection, images, null, null));
  return Number(row!.count);
}
