/** How long one chunk shall take, in milliseconds: short beside what an application notices, long beside a way to the server and back. */
const wantedMs = 500;

/** Rows in a chunk at least, where more than that were asked for. */
const fewest = 100;

/** A chunk grows at most by this factor at once, so that one lucky chunk does not make the next a long one. */
const growth = 2;

/**
 * The rows of the next chunk, so that it takes about half a second: between 100 (or what was asked for, where that is less) and ten times what was asked for.
 *
 * @param rows rows of the last chunk
 * @param elapsedMs how long it took
 * @param asked the batch size of the operation
 */
export function nextChunkSize(rows: number, elapsedMs: number, asked: number): number {
  const fitting = elapsedMs > 0 ? (rows * wantedMs) / elapsedMs : rows * growth;
  const atMost = Math.min(fitting, rows * growth, asked * 10);
  return Math.round(Math.max(atMost, Math.min(fewest, asked)));
}
