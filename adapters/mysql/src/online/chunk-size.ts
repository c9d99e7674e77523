/** Milliseconds that one chunk of rows is to take, about: a writer who wants one of its rows waits so long at most. */
export const chunkMs = 500;

/**
 * The size of the next chunk, by how long the last one has taken: between a hundred rows (fewer where the batch size is smaller) and ten times the
 * batch size, and never more than twice the last one.
 */
export function nextChunk(size: number, ms: number, batchSize: number): number {
  const least = Math.min(100, batchSize);
  const wanted = Math.floor(size * Math.min(2, chunkMs / Math.max(ms, 1)));
  return Math.max(least, Math.min(batchSize * 10, wanted));
}
