import type { JsonValue, Loss, RejectedRow } from '@polyshift/core';
import { ConversionError, type ErrorCode } from '@polyshift/core';
import type { ColumnDefinition } from './catalog/table.ts';
import { keyOfRow } from './rows/row-key.ts';
import type { Lose, LossName } from './values/losses.ts';

/** Gives the bytes of one column of one row; null where there is no value. */
export type EncodeValue<Row> = (row: Row, column: ColumnDefinition, lose: Lose) => Buffer | null;

/** Why a row is not encoded. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What rows are encoded for. */
export interface EncodePlan {
  readonly columns: readonly ColumnDefinition[];
  /** Whether a row that would lose something is refused. */
  readonly refuseLoss: boolean;
  /** Bytes of the values of a row, at most. */
  readonly rowBytes: number;
}

/** Rows as values by the position of their column; the rest as in an encoded batch. */
export interface EncodedRows {
  readonly rows: readonly (readonly (Buffer | null)[])[];
  readonly losses: readonly Loss[];
  readonly rejected: readonly RejectedRow[];
  readonly bytes: number;
}

interface LostValue {
  readonly field: string;
  readonly loss: LossName;
  readonly from: string;
  readonly to: string;
}

/** Encodes rows one by one: one that the table cannot hold is rejected, and its neighbours are not. */
export function encodeRows<Row>(
  plan: EncodePlan,
  rows: readonly Row[],
  encode: EncodeValue<Row>,
  refuse?: (row: Row) => Problem | undefined,
): EncodedRows {
  const losses = new Map<string, Loss & { count: number }>();
  const rejected: RejectedRow[] = [];
  const written: (Buffer | null)[][] = [];
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    const lost: LostValue[] = [];
    const values: (Buffer | null)[] = [];
    const problem = refuse?.(row) ?? encodeRow(plan, row, encode, values, lost) ?? refused(plan, values, lost);
    if (problem) {
      rejected.push({ index, key: keyForPeople(plan.columns, values), ...problem });
      continue;
    }
    for (const each of lost) count(losses, each);
    bytes += size(values);
    written.push(values);
  }
  return { rows: written, losses: [...losses.values()], rejected, bytes };
}

/** Fills in the values of a row; returns why it cannot be encoded, where it cannot. */
function encodeRow<Row>(
  { columns }: EncodePlan,
  row: Row,
  encode: EncodeValue<Row>,
  values: (Buffer | null)[],
  lost: LostValue[],
): Problem | undefined {
  for (const column of columns) {
    try {
      const value = encode(row, column, (loss, from, to) => lost.push({ field: column.name, loss, from, to }));
      if (value === null && (column.kind === 'partition_key' || column.kind === 'clustering'))
        return { code: 'CONSTRAINT_VIOLATED', message: `${column.name} is part of the key and has no value` };
      values.push(value);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      return { code: error.code, message: `${column.name}: ${error.message}` };
    }
  }
  return undefined;
}

function refused(
  { refuseLoss, rowBytes }: EncodePlan,
  values: readonly (Buffer | null)[],
  lost: readonly LostValue[],
): Problem | undefined {
  const [first] = lost;
  if (refuseLoss && first)
    return { code: 'LOSS_REFUSED', message: `${first.field}: ${first.from} would become ${first.to} (${first.loss})` };
  if (size(values) > rowBytes)
    return { code: 'CONVERSION_FAILED', message: `the row has ${size(values)} bytes, and the server takes ${rowBytes}` };
  return undefined;
}

function size(values: readonly (Buffer | null)[]): number {
  return values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
}

/** The key of a row that was given up half-way, as far as it was encoded. */
function keyForPeople(columns: readonly ColumnDefinition[], values: readonly (Buffer | null)[]): JsonValue {
  const row = new Map<string, Buffer>();
  for (const [index, value] of values.entries()) if (value !== null) row.set(columns[index]!.name, value);
  const key = columns.filter(({ kind }) => kind === 'partition_key' || kind === 'clustering');
  return keyOfRow({ partitionKey: key, clusteringKey: [] }, row);
}

function count(losses: Map<string, Loss & { count: number }>, { field, loss, from, to }: LostValue): void {
  const known = losses.get(`${field}\0${loss}`);
  if (known) known.count++;
  else losses.set(`${field}\0${loss}`, { field, loss, count: 1, example: { from, to } });
}
