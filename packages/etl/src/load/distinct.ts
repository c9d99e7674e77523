import { type Batch, batchSize, type RejectedRow, type SinkTarget } from '@polyshift/core';
import { keyJson, keyText, rowView } from '../reconcile/row-view.ts';
import { pickRows } from '../transform/transform-batch.ts';

/** A batch in which each key stands once. */
export interface DistinctRows {
  readonly batch: Batch;
  /** For each row of `batch` its position in the batch that came in. */
  readonly positions: readonly number[];
  /** Rows that were left out because they say the same again. */
  readonly repeated: number;
  /** Rows that say something else under the same key. */
  readonly rejected: readonly RejectedRow[];
}

/** Leaves out rows that the batch has already; of those of one key that differ the first stays with the mode `ignore`, and the others are rejected with the other modes. */
export function distinctRows(batch: Batch, key: readonly string[], mode: SinkTarget['mode']): DistinctRows {
  const kept = new Map<string, { position: number; text: string }>();
  const rejected: RejectedRow[] = [];
  let repeated = 0;
  for (let index = 0; index < batchSize(batch); index++) {
    const view = rowView(batch, index);
    const id = keyText(view, key);
    const text = [...view.texts].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',');
    const known = kept.get(id);
    if (!known) kept.set(id, { position: index, text });
    else if (known.text === text || mode === 'ignore') repeated++;
    else {
      rejected.push({
        index,
        key: keyJson(view, key),
        code: 'DUPLICATE_KEY',
        message: 'an earlier row of this load has the same key and other values',
      });
    }
  }
  const positions = [...kept.values()].map(({ position }) => position).sort((left, right) => left - right);
  return { batch: pickRows(batch, positions), positions, repeated, rejected };
}
