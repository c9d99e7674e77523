import { type LoadUndo, PolyshiftError, type Progress } from '@polyshift/core';
import { keyList, keyText } from '../change/key-text.ts';
import { rowDifference } from '../change/row-difference.ts';
import type { RawRow, RowKey, RowWrite } from '../row-store.ts';
import { isBefore, isWritten, type LoadRecord, readRecord } from './load-record.ts';
import { loadAside, type SinkStore } from './sink-store.ts';

const pageSize = 500;

/** Takes a load back: drops what it created, empties what was empty, and puts rows back one by one where there were others. */
export async function* rollbackLoad<Raw>(sink: SinkStore<Raw>, undo: LoadUndo, loaded: number): AsyncGenerator<Progress> {
  const absent = (await sink.state(undo.collection)) === 'absent';
  if (undo.before === 'filled') {
    // Nothing is given up: what the load replaced stays aside.
    if (absent)
      throw new PolyshiftError('UNKNOWN_COLLECTION', `${undo.collection} is gone, so that no row can be put back into it`);
    return yield* rollbackFilled(sink, undo);
  }
  if (absent) return;
  const count = await sink.count(undo.collection);
  if (count > loaded) {
    throw new PolyshiftError('WRITTEN_SINCE', `${undo.collection} holds ${count} rows, of which this load wrote ${loaded}`, {
      hint: 'Move the other rows elsewhere first, or keep the collection.',
      data: { collection: undo.collection, count, loaded },
    });
  }
  if (undo.before === 'absent') await sink.drop(undo.collection);
  else await sink.clear(undo.collection);
  yield { rows_done: count, rows_total: count };
}

async function* rollbackFilled<Raw>(sink: SinkStore<Raw>, undo: LoadUndo): AsyncGenerator<Progress> {
  const { store } = sink;
  const foreign: RowKey[] = [];
  let total = 0;
  for await (const page of recordsOf(sink, undo)) {
    total += page.length;
    for (const { record, current } of page) {
      // A row that the application has deleted stays deleted.
      if (current && !isWritten(store.codec, record, current) && !isBefore(store.codec, record, current))
        foreign.push(record.key);
    }
  }
  if (foreign.length > 0) {
    throw new PolyshiftError(
      'WRITTEN_SINCE',
      `${foreign.length} rows of ${undo.collection} were written since they were loaded: ${keyList(foreign)}`,
      {
        hint: 'Nothing was rolled back. Keep those rows elsewhere first.',
        data: { collection: undo.collection, count: foreign.length },
      },
    );
  }
  let rows_done = 0;
  for await (const page of recordsOf(sink, undo)) {
    const writes: RowWrite<Raw>[] = [];
    for (const { record, current } of page) {
      if (!current || isBefore(store.codec, record, current)) continue;
      writes.push(
        record.before
          ? { kind: 'change', key: record.key, fields: rowDifference(store.codec, current, record.before) }
          : { kind: 'remove', key: record.key, row: current },
      );
    }
    const outcomes = writes.length === 0 ? [] : await store.write(undo.collection, writes);
    if (outcomes.some((outcome) => outcome !== 'written')) {
      throw new PolyshiftError('STORE_BUSY', 'the application writes the same rows at this moment', { retryable: true });
    }
    rows_done += page.length;
    yield { rows_done, rows_total: total };
  }
}

async function* recordsOf<Raw>(
  sink: SinkStore<Raw>,
  undo: LoadUndo,
): AsyncGenerator<{ record: LoadRecord<Raw>; current: RawRow<Raw> | undefined }[]> {
  const { store } = sink;
  const aside = loadAside(sink, undo.aside);
  let after: string | undefined;
  for (;;) {
    const entries = await store.aside.list(aside, after, pageSize);
    if (entries.length === 0) return;
    after = entries.at(-1)!.key;
    const records = entries.map(({ value }) => readRecord(store.codec, value));
    const rows = await store.get(
      undo.collection,
      records.map(({ key }) => key),
    );
    const current = new Map(rows.map((keyed) => [keyText(keyed.key), keyed.row]));
    yield records.map((record) => ({ record, current: current.get(keyText(record.key)) }));
    if (entries.length < pageSize) return;
  }
}
