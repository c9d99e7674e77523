/** How much is kept aside under one name. */
export interface KeptAside {
  /**
   * Rows of which something is kept: before-images, values of a removed field, rows of a dropped collection. Notes of how far a step is do
   * not count. Exact.
   */
  readonly rows: number;
  /** Bytes that it takes, by the store's statistics or else by the size of what is kept; null where it can be told by neither. */
  readonly bytes: number | null;
}

/** All of it together; the bytes are null where those of a part are. */
export function keptSum(parts: readonly KeptAside[]): KeptAside {
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    bytes: parts.reduce<number | null>((sum, { bytes }) => (sum === null || bytes === null ? null : sum + bytes), 0),
  };
}
