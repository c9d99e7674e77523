/** A source of pseudo-random numbers that gives the same sequence for the same seed on every machine. */
export interface Random {
  /** An unsigned 32-bit integer. */
  uint32(): number;
  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number;
  /** True with the given probability, from 0 to 1. */
  chance(probability: number): boolean;
  /** One of the items, each equally likely. */
  pick<T>(items: readonly T[]): T;
}

/**
 * Makes a source of random numbers (the generator sfc32). For data sets, never for secrets.
 * @param seed Any integer.
 */
export function seededRandom(seed: number): Random {
  let [a, b, c, counter] = [0, seed | 0, (seed ^ 0x9e3779b9) | 0, 1];
  const uint32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  // The first numbers still resemble the seed.
  for (let i = 0; i < 15; i++) uint32();
  const below = (limit: number): number => Math.floor((uint32() / 2 ** 32) * limit);
  return {
    uint32,
    below,
    chance: (probability) => uint32() < probability * 2 ** 32,
    pick: (items) => items[below(items.length)]!,
  };
}
