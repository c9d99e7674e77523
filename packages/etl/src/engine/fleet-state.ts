/** How far a load is that workers have in hand. */
export interface FleetState {
  /** Workers that are there, busy or not; undefined where nobody knows. */
  readonly workers: number | undefined;
  /** Chunks that a worker has in hand; undefined where nobody knows. */
  readonly running: number | undefined;
  /** Chunks that are not done, those in hand included. */
  readonly open: number;
  /** Chunks of the load. */
  readonly total: number;
}
