import { ownValue } from '@polyshift/core';
import type { ColumnType } from './column.ts';

const sizes: Readonly<Record<string, number>> = {
  bool: 1,
  int2: 2,
  int4: 4,
  float4: 4,
  date: 4,
  int8: 8,
  float8: 8,
  timestamp: 8,
  timestamptz: 8,
  time: 8,
};

/** The size in bytes of a type that always has the same one, which is also what it is aligned to; undefined for all others. */
export function fixedSize(type: ColumnType | undefined): number | undefined {
  return type && !type.array ? ownValue(sizes, type.name) : undefined;
}

/** The bytes that columns of these sizes take in this order, each aligned to its size and the row to eight. */
export function padded(columns: readonly number[]): number {
  const end = columns.reduce((position, size) => Math.ceil(position / size) * size + size, 0);
  return Math.ceil(end / 8) * 8;
}
