const slots = 16_384;

/** The part of a key that decides its slot in a cluster: between the first `{` and the next `}`, where something stands there. */
export function hashTag(key: string): string | undefined {
  const open = key.indexOf('{');
  if (open === -1) return undefined;
  const close = key.indexOf('}', open + 1);
  return close > open + 1 ? key.slice(open + 1, close) : undefined;
}

/** The slot of a key in a cluster. */
export function slotOf(key: Buffer): number {
  const open = key.indexOf(0x7b);
  const close = open === -1 ? -1 : key.indexOf(0x7d, open + 1);
  return crc16(close > open + 1 ? key.subarray(open + 1, close) : key) % slots;
}

/** CRC-16/XMODEM, as Redis has it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}
