/**
 * A digest of 48 bits: two FNV-1a sums over the same bytes from different beginnings, mixed at the end. For values of a few bytes, of which there are
 * many; it tells whether a value is still the same, not whether somebody has forged it.
 */
export class Fnv48 {
  private low = 0x811c9dc5;
  private high = 0x2f0b4a27;

  /** Adds bytes of a buffer. */
  add(bytes: Uint8Array, from: number, to: number): this {
    let { low, high } = this;
    for (let at = from; at < to; at++) {
      low = Math.imul(low ^ bytes[at]!, 0x01000193);
      high = Math.imul(high ^ bytes[at]!, 0x85ebca6b);
    }
    this.low = low;
    this.high = high;
    return this;
  }

  /** Adds one byte. */
  byte(byte: number): this {
    this.low = Math.imul(this.low ^ byte, 0x01000193);
    this.high = Math.imul(this.high ^ byte, 0x85ebca6b);
    return this;
  }

  /** Adds another digest. */
  number(value: number): this {
    for (let rest = value, count = 0; count < 6; count++, rest = Math.floor(rest / 256)) this.byte(rest % 256);
    return this;
  }

  /** The digest so far, below 2^48. */
  get value(): number {
    const low = mixed(this.low);
    const high = mixed(this.high ^ low);
    return (high & 0xffff) * 0x1_0000_0000 + low;
  }
}

/** Lets every bit depend on all others (the last step of MurmurHash3), as an unsigned number. */
function mixed(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
