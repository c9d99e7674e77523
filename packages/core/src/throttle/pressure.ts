/** How a store fares, as far as its server tells. */
export interface Pressure {
  /**
   * Milliseconds by which the slowest connected replica is behind; 0 where the server has none. Null where nobody can tell. A replica that is not connected is not
   * counted.
   */
  readonly replica_lag_ms: number | null;
  /**
   * Statements that the server runs now for others than this session, those that wait for a lock included. Null where nobody can tell.
   */
  readonly load: number | null;
  /** For people: why a number is null, and what to do about it. */
  readonly unknown?: { readonly replica_lag_ms?: string; readonly load?: string };
}
