import { createHash } from 'node:crypto';

/**
 * An order-independent checksum over many texts: the count, and the sum of their 128-bit hashes in four lanes of 32 bits. Two sets with
 * the same digest hold the same texts the same number of times, up to a collision of MD5 sums that nobody makes on purpose.
 */
export class SetDigest {
  count = 0;
  private readonly lanes = new Uint32Array(4);

  /** Adds one text. */
  add(text: string): void {
    const hash = createHash('md5').update(text).digest();
    for (let lane = 0; lane < 4; lane++) this.lanes[lane]! += hash.readUInt32LE(lane * 4);
    this.count++;
  }

  /** Adds all that another digest holds. */
  merge(other: SetDigest): void {
    for (let lane = 0; lane < 4; lane++) this.lanes[lane]! += other.lanes[lane]!;
    this.count += other.count;
  }

  /** 32 hexadecimal digits of the sum. */
  get sum(): string {
    return Array.from(this.lanes, (lane) => lane.toString(16).padStart(8, '0')).join('');
  }
}
