/** Milliseconds that one chunk should take. */
export const chunkTarget = 500;

/**
 * How many rows the next chunk should have, so that it takes about {@link chunkTarget}: from the size and time of the last one, at most doubled or
 * divided by four at once, between 100 and ten times what was asked for.
 *
 * @param rows the size of the last chunk, of which `took` milliseconds were needed
 * @param asked `batch_size` of the operation
 */
export function nextChunkSize(rows: number, took: number, asked: number): number {
  const ideal = took <= 0 ? rows * 2 : (rows * chunkTarget) / took;
  const eased = Math.min(rows * 2, Math.max(rows / 4, ideal));
  return Math.round(Math.min(Math.max(eased, 100), Math.max(100, asked * 10)));
}
