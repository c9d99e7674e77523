import type { Batch, RejectedRow, SinkWriter, WriteResult } from '@polyshift/core';
import { batchSize } from '@polyshift/core';
import { keyJson, keyText, type RowView, rowView } from '../reconcile/row-view.ts';

/**
 * Looks at the rows that a repeated write found to be there already: one that the target holds with other values was not written by the
 * attempt before but has the key of another row, and is rejected as it would have been without the repetition. Nothing is lost in silence.
 */
export async function refuseUnequal(
  writer: SinkWriter,
  batch: Batch,
  written: WriteResult,
  key: readonly string[],
): Promise<WriteResult> {
  if (written.already_there === 0) return written;
  const found = await writer.lookup(batch);
  const byKey = new Map<string, RowView>();
  for (let index = 0; index < batchSize(found); index++) {
    const view = rowView(found, index);
    byKey.set(keyText(view, key), view);
  }
  const rejectedBefore = new Set(written.rejected.map((each) => each.index));
  const refused: RejectedRow[] = [];
  for (let index = 0; index < batchSize(batch); index++) {
    if (rejectedBefore.has(index)) continue;
    const view = rowView(batch, index);
    const actual = byKey.get(keyText(view, key));
    const equal = !actual || [...view.texts].every(([field, text]) => actual.texts.get(field) === text);
    if (equal) continue;
    refused.push({
      index,
      key: keyJson(view, key),
      code: 'DUPLICATE_KEY',
      message: 'the target holds another row with this key, written by this load or changed since',
    });
  }
  return {
    ...written,
    already_there: written.already_there - refused.length,
    rejected: [...written.rejected, ...refused],
  };
}
