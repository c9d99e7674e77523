import type { Queryable } from '../connection.ts';
import { quote } from '../identifiers.ts';

/** Slices for each part that is wanted: the more, the closer parts come to the same size. */
const slicesOfPart = 4;

/** Pieces that a slice is split into, rounds of splitting, and slices that are asked about by one statement. */
const pieces = 4n;
const rounds = 32;
const slicesInStatement = 200;

/** Values from `from` on and before `to`, and the rows that the server takes them to have. */
interface Slice {
  readonly from: bigint;
  readonly to: bigint;
  readonly rows: number;
}

/**
 * Values of a whole number that cut its rows into `want` parts of about the same size, however unevenly they are spread: slices of values are split until none
 * has many rows by the estimates of the index, which cost a look into it each and read no row. Empty where the server has none for it.
 *
 * @param index the name of an index that begins with the column
 */
export async function estimatedCuts(
  connection: Queryable,
  source: { readonly table: string; readonly column: string; readonly index: string },
  [least, most]: readonly [bigint, bigint],
  want: number,
): Promise<bigint[]> {
  const estimate = (slices: readonly Omit<Slice, 'rows'>[]) => estimated(connection, source, slices);
  let slices = await estimate([{ from: least, to: most + 1n }]);
  for (let round = 0; round < rounds; round++) {
    const limit = totalOf(slices) / (slicesOfPart * want);
    const isBig = ({ from, to, rows }: Slice): boolean => rows > limit && to - from > 1n;
    const big = slices.filter(isBig);
    if (big.length === 0 || slices.length > 4 * slicesOfPart * want) break;
    const split = await estimate(big.flatMap(piecesOf));
    slices = [...slices.filter((slice) => !isBig(slice)), ...split].sort((left, right) => (left.from < right.from ? -1 : 1));
  }
  return cutsAt(slices, want);
}

function totalOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, { rows }) => sum + rows, 0);
}

function piecesOf({ from, to }: Slice): Omit<Slice, 'rows'>[] {
  const count = to - from < pieces ? to - from : pieces;
  const edge = (nth: bigint): bigint => from + ((to - from) * nth) / count;
  return Array.from({ length: Number(count) }, (_, nth) => ({ from: edge(BigInt(nth)), to: edge(BigInt(nth) + 1n) }));
}

async function estimated(
  connection: Queryable,
  { table, column, index }: { readonly table: string; readonly column: string; readonly index: string },
  slices: readonly Omit<Slice, 'rows'>[],
): Promise<Slice[]> {
  const found: Slice[] = [];
  const name = quote(column);
  for (let first = 0; first < slices.length; first += slicesInStatement) {
    const some = slices.slice(first, first + slicesInStatement);
    const selects = some.map(
      ({ from, to }) => `SELECT 1 FROM ${table} FORCE INDEX (${quote(index)}) WHERE ${name} >= ${from} AND ${name} < ${to}`,
    );
    const rows = await connection.rows<{ rows: string | number | null }>(
      `EXPLAIN FORMAT=TRADITIONAL ${selects.join(' UNION ALL ')}`,
    );
    for (const [position, slice] of some.entries()) found.push({ ...slice, rows: Number(rows[position]?.rows ?? 0) });
  }
  return found;
}

/** Where each part ends: within a slice, its values are taken to be even. */
function cutsAt(slices: readonly Slice[], want: number): bigint[] {
  const total = totalOf(slices);
  const cuts: bigint[] = [];
  let passed = 0;
  for (const { from, to, rows } of slices) {
    while (rows > 0 && cuts.length < want - 1 && passed + rows >= ((cuts.length + 1) * total) / want) {
      const share = (((cuts.length + 1) * total) / want - passed) / rows;
      cuts.push(from + (BigInt(Math.round(share * 1e6)) * (to - from)) / 1_000_000n);
    }
    passed += rows;
  }
  return cuts;
}
