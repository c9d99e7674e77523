/** Milliseconds that one chunk of rows is to take, about: a writer who wants one of its rows waits so long at most, and a way to the server is short beside it. */
export const chunkMs = 500;

/** What differs from store to store. */
export interface ChunkLimits {
  /** Rows in a chunk at least; default 100, or what was asked for where that is less. */
  readonly fewest?: number;
  /** By how much a chunk shrinks at once, at most; default: as far as it must. */
  readonly shrink?: number;
}

/**
 * The rows of the next chunk, so that it takes about {@link chunkMs}: at most twice as many as in the last one, so that one lucky chunk does not make the next
 * a long one, and at most ten times what was asked for.
 *
 * @param rows rows of the last chunk
 * @param elapsed_ms how long it took
 * @param asked the batch size of the operation
 */
export function nextChunkSize(
  rows: number,
  elapsed_ms: number,
  asked: number,
  { fewest = Math.min(100, asked), shrink = Number.POSITIVE_INFINITY }: ChunkLimits = {},
): number {
  const fitting = elapsed_ms > 0 ? (rows * chunkMs) / elapsed_ms : Number.POSITIVE_INFINITY;
  const eased = Math.min(rows * 2, Math.max(rows / shrink, fitting));
  return Math.round(Math.min(Math.max(eased, fewest), Math.max(fewest, asked * 10)));
}
