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
  const parts = BigInt(Math.max(1, Math.floor(want)));
  const edge = (index: bigint): bigint => (index === parts ? highest : lowest + (index * (highest - lowest)) / parts);
  return Array.from({ length: Number(parts) }, (_, index) => ({
    from: String(edge(BigInt(index))),
    to: String(edge(BigInt(index + 1))),
  }));
}
