/** A varint: a big-endian two's complement of as few bytes as hold it. */
export function varintBytes(value: bigint): Buffer {
  let length = 1;
  while (value < -(1n << BigInt(length * 8 - 1)) || value >= 1n << BigInt(length * 8 - 1)) length++;
  const unsigned = BigInt.asUintN(length * 8, value);
  return Buffer.from(unsigned.toString(16).padStart(length * 2, '0'), 'hex');
}

/** The number that a varint holds. */
export function varintOf(bytes: Buffer): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
}

/** An unsigned number of variable length, as vectors write the sizes of their elements: the leading ones of the first byte count the bytes behind it. */
export function unsignedVintBytes(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  let extra = 1;
  while (extra < 7 && value >= 2 ** (7 * (extra + 1))) extra++;
  const bytes = Buffer.alloc(extra + 1);
  bytes.writeUIntBE(value, bytes.length - Math.min(6, bytes.length), Math.min(6, bytes.length));
  bytes[0]! |= 0xff & ~(0xff >> extra);
  return bytes;
}

/** Reads {@link unsignedVintBytes}; returns the number and the bytes that it took. */
export function unsignedVintAt(bytes: Buffer, offset: number): { value: number; size: number } {
  const first = bytes[offset]!;
  const extra = Math.clz32(~first & 0xff) - 24;
  let value = first & (0xff >> extra);
  for (let index = 1; index <= extra; index++) value = value * 256 + bytes[offset + index]!;
  return { value, size: extra + 1 };
}
