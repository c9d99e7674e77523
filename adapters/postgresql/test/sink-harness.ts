import { type Batch, type Column, type PortableValue, portableColumn, type RowBatch, type SinkTarget } from '@polyshift/core';
import { expect } from 'vitest';
import type { TestDatabase } from './harness.ts';

export const columns = [
  portableColumn('id', { kind: 'int32' }, false),
  portableColumn('name', { kind: 'text' }),
  portableColumn('n', { kind: 'decimal' }),
];

export function target(change: Partial<SinkTarget> = {}): SinkTarget {
  return {
    collection: 'people',
    columns,
    dynamic: false,
    key: ['id'],
    mode: 'insert',
    on_loss: 'nearest',
    aside: 'load_1',
    ...change,
  };
}

export function batch(rows: readonly (readonly PortableValue[])[], of: readonly Column[] = columns): RowBatch {
  return { kind: 'rows', columns: of, rows };
}

export const people = (from: number, to: number, name = 'p') =>
  batch(Array.from({ length: to - from + 1 }, (_, index) => [from + index, `${name}${from + index}`, `${from + index}.50`]));

export const existing = `CREATE TABLE people (id integer PRIMARY KEY, name varchar(10), n numeric, extra text DEFAULT 'e', CHECK (n >= 0))`;

export async function open(database: TestDatabase, change: Partial<SinkTarget> = {}) {
  const sink = database.session.sink!;
  const { undo, statements } = await sink.plan(target(change));
  expect(statements.length).toBeGreaterThan(0);
  const kept = JSON.parse(JSON.stringify(undo)) as typeof undo;
  return { sink, undo: kept, writer: await sink.open(target(change), kept) };
}

export async function take(back: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of back) void _;
}

export async function write(
  writer: { encode(batch: Batch): { batch: Batch }; write(batch: Batch, options: { replay: boolean }): Promise<unknown> },
  rows: Batch,
  replay = false,
) {
  return await writer.write(writer.encode(rows).batch, { replay });
}
