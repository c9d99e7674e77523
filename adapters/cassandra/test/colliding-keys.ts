const mask = (1n << 64n) - 1n;
const c1 = 0x87c37b91114253d5n;
const c2 = 0x4cf5ad432745937fn;
const left = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (64n - by))) & mask;
const right = (value: bigint, by: bigint): bigint => left(value, 64n - by);

/** The inverse of an odd number modulo 2^64. */
function inverse(odd: bigint): bigint {
  let result = odd;
  for (let step = 0; step < 6; step++) result = (result * (2n - odd * result)) & mask;
  return result;
}

/** What Murmur3 makes of a half of a block before it goes into the state, by the constants and rotation of that half; and the way back. */
const mix = (half: bigint, first: bigint, by: bigint, second: bigint): bigint =>
  (left((half * first) & mask, by) * second) & mask;
const unmix = (mixed: bigint, first: bigint, by: bigint, second: bigint): bigint =>
  (right((mixed * inverse(second)) & mask, by) * inverse(first)) & mask;

interface State {
  readonly h1: bigint;
  readonly h2: bigint;
}

/** The state of the hash after a block whose halves have been mixed. */
function step({ h1, h2 }: State, m1: bigint, m2: bigint): State {
  const next1 = ((left(h1 ^ m1, 27n) + h2) * 5n + 0x52dce729n) & mask;
  const next2 = ((left(h2 ^ m2, 31n) + next1) * 5n + 0x38495ab5n) & mask;
  return { h1: next1, h2: next2 };
}

/**
 * A key of 32 bytes whose Murmur3 hash, and so its token, is that of the key that begins with another block: the second block takes back what the
 * first one changed in the state of the hash.
 */
export function collidingKey(seed: number): Buffer {
  const reference = blockOf(1n);
  const other = blockOf(BigInt(seed));
  const [state, changed] = [reference, other].map(({ k1, k2 }) =>
    step({ h1: 0n, h2: 0n }, mix(k1, c1, 31n, c2), mix(k2, c2, 33n, c1)),
  ) as [State, State];
  // The second block of the reference is mixed to 7 and 9.
  const target = (left(state.h1 ^ 7n, 27n) + state.h2 - changed.h2) & mask;
  const m1 = right(target, 27n) ^ changed.h1;
  const m2 = 9n ^ state.h2 ^ changed.h2;
  const bytes = Buffer.alloc(32);
  for (const [index, half] of [other.k1, other.k2, unmix(m1, c1, 31n, c2), unmix(m2, c2, 33n, c1)].entries())
    bytes.writeBigUInt64LE(half, index * 8);
  return bytes;
}

function blockOf(seed: bigint): { k1: bigint; k2: bigint } {
  return { k1: seed * 1_000_003n, k2: seed };
}
