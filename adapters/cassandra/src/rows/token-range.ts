/** Tokens above `from` and up to `to`, as digits: a part of the ring that is plain JSON. */
export interface TokenRange {
  readonly from: string;
  readonly to: string;
}

const lowest = -(2n ** 63n);
const highest = 2n ** 63n - 1n;

/** All tokens of the Murmur3Partitioner; no key has the lowest. */
export const wholeRing: TokenRange = { from: String(lowest), to: String(highest) };

/** Splits the ring into ranges of equal width: each token is in exactly one. */
export function splitRing(want: number): TokenRange[] {
  return splitRange(wholeRing, Math.max(1, Math.floor(want)));
}

/** The same for a part of the ring, which must hold as many tokens as parts are wanted. */
export function splitRange(range: TokenRange, want: number): TokenRange[] {
  const parts = BigInt(want);
  const [from, to] = [BigInt(range.from), BigInt(range.to)];
  const edge = (index: bigint): bigint => from + (index * (to - from)) / parts;
  return Array.from({ length: Number(parts) }, (_, index) => ({
    from: String(edge(BigInt(index))),
    to: String(edge(BigInt(index + 1))),
  }));
}
