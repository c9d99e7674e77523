/** For how many chunks at most rows are expected to be there, after one that was. */
const longest = 64;

/**
 * Whether the rows of the next chunk may be in the new version already, because writers have carried them over or a stop came behind a chunk. To insert
 * rows that may be there costs the server half as much again as to insert rows that are not: so it is left out until a chunk has met such a row, for as
 * long as that seldom happens. Either way nothing is copied twice.
 */
export class Contention {
  private left = 0;
  private length = 1;

  /** Whether the next chunk is to expect them. */
  expected(): boolean {
    if (this.left === 0) return false;
    this.left--;
    return true;
  }

  /** A chunk that did not expect them has met one: the next ones expect them, more of them each time. */
  met(): void {
    this.left = this.length;
    this.length = Math.min(this.length * 2, longest);
  }

  /** A chunk that did not expect them has met none. */
  missed(): void {
    this.length = Math.max(1, this.length / 2);
  }
}
