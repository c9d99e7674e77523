/** What the rows of one write are bounded by. */
export interface BatchBounds {
  /** Rows that one read of the source gives, at most: units are cut out of whole reads, so that sizes that are no part or multiple of them are never written. */
  readonly read: number;
  /** Rows in one write that the store takes, at most. */
  readonly rows: number;
  /** Bytes in one write that the store takes, at most. */
  readonly bytes: number;
  /** Writes that are in flight at once. Default 1. */
  readonly together?: number | undefined;
}

/** Rows of the first writes, where they are to be found by feedback. */
const firstRows = 1000;
/** What is tried beyond or below, at least: a smaller change cannot be told from noise. Below it no size is tried: a write costs more than its rows there. */
const stepRows = 500;
/** Writes that take too long go no lower; what is found goes no higher, and to no larger writes. */
const [leastRows, mostRows, mostBytes] = [100, 5000, 2 * 1024 * 1024];
/** Rows in flight, at most, where no size is given and they are not fewer than the first writes have: they, and as many that wait for them, are the memory of a run. */
const rowsInFlight = 6000;
/** Writes that are measured together, and those passed over after a change: they were cut before it. */
const [roundWrites, staleWrites] = [16, 8];
/** Milliseconds of a write beyond which it is too large, whatever it moves: so long a stop, a checkpoint or a throttle waits for it. */
const longestMs = 1000;
/** Another size must give so much more rows a second, to be kept. */
const worthwhile = 1.12;
/** Below this share of the rows a second that there were, the store is overloaded. */
const collapsed = 0.5;
/** Rounds between two tries that brought nothing: doubled each time, up to the last. */
const [firstCalm, lastCalm] = [2, 64];

/**
 * Finds the number of rows in one write of a target, by feedback: additive increase while the throughput grows with it, multiplicative decrease where the latency
 * is beyond its limit or the throughput collapses. The rule is that of congestion avoidance (D.-M. Chiu and R. Jain, "Analysis of the Increase and Decrease
 * Algorithms for Congestion Avoidance in Computer Networks", 1989); that growth ends where it brings no more throughput, and not only where something breaks, is
 * that of TCP Vegas (L. Brakmo and L. Peterson, 1995). With a fixed number of writes in flight the rows a second of the whole are proportional to the rows of one
 * write by its time (Little's law): no clock but that of single writes is needed, and none is here.
 */
export class BatchSize {
  private readonly bounds: BatchBounds;
  private readonly most: number;
  private found: number;
  /** Falls where the store has refused a write for its size. */
  private refusedBeyond = Number.POSITIVE_INFINITY;
  private bytesOfRow = 0;
  private stale = 0;
  private round: { readonly rows: number; readonly ms: number }[] = [];
  /** The size that is kept, as far as is known, with its rows a millisecond and the rows that its writes really had. */
  private kept: { readonly size: number; readonly rows: number; readonly rate: number } | undefined;
  private trial: 'larger' | 'smaller' | undefined;
  private next: 'larger' | 'smaller' = 'larger';
  // The first rounds are those in which everything is warming up.
  private calm = firstCalm;
  private pause = firstCalm;

  constructor(bounds: BatchBounds) {
    this.bounds = bounds;
    this.most = Math.min(mostRows, Math.max(firstRows, Math.floor(rowsInFlight / (bounds.together ?? 1))));
    this.found = this.fit(firstRows);
  }

  /** The rows of the next write: those that a spec gives, else those that are found; never more than the store takes. */
  rows(given?: number): number {
    const byBytes = this.bytesOfRow > 0 ? Math.floor(this.bounds.bytes / this.bytesOfRow) : Number.POSITIVE_INFINITY;
    return Math.max(1, Math.min(given ?? this.found, this.bounds.rows, byBytes, this.refusedBeyond));
  }

  /** Takes the bytes of encoded rows. Wide rows count at once, narrow ones little by little. */
  weigh(rows: number, bytes: number): void {
    if (rows === 0) return;
    const each = bytes / rows;
    this.bytesOfRow = Math.max(each, this.bytesOfRow * 0.8 + each * 0.2);
    if (this.found * this.bytesOfRow > mostBytes) {
      this.found = this.fit(Math.max(1, Math.floor(mostBytes / this.bytesOfRow)));
      this.forget();
    }
  }

  /** Takes a write that was not tried again, with its time in milliseconds. */
  written(rows: number, ms: number): void {
    if (this.stale > 0) {
      this.stale--;
      return;
    }
    this.round.push({ rows, ms });
    if (this.round.length < roundWrites) return;
    // The write in the middle: some that had to wait, since the store collected its garbage or wrote a checkpoint, say nothing of the size.
    const middle = this.round.sort((left, right) => left.ms / left.rows - right.ms / right.rows)[roundWrites / 2]!;
    this.round = [];
    this.decide(middle.rows, middle.ms);
  }

  /** Takes that the store has refused so many rows for their size. */
  refused(rows: number): void {
    this.refusedBeyond = Math.max(1, Math.min(this.refusedBeyond, Math.floor(rows / 2)));
    this.found = Math.min(this.found, this.refusedBeyond);
    this.forget();
  }

  private decide(rows: number, ms: number): void {
    const rate = rows / Math.max(ms, 0.001);
    if (ms > longestMs) this.backOff(0.5);
    else if (this.kept && rate < this.kept.rate * collapsed) this.backOff(0.7);
    else if (!this.kept) this.kept = { size: this.found, rows, rate };
    else if (this.trial) this.judge(this.trial, rows, rate);
    else {
      this.kept = { ...this.kept, rows, rate: (this.kept.rate + rate) / 2 };
      if (this.calm-- <= 0) this.try(this.next);
    }
  }

  private judge(trial: 'larger' | 'smaller', rows: number, rate: number): void {
    const kept = this.kept!;
    // What fills no larger writes, since the source or a condition gives no more, tells nothing.
    const differs = Math.abs(rows - kept.rows) > kept.rows / 10;
    if (differs && rate >= kept.rate * worthwhile) {
      this.kept = { size: this.found, rows, rate };
      this.pause = firstCalm;
      this.try(trial);
      return;
    }
    this.change(kept.size);
    this.rest(trial);
  }

  private try(trial: 'larger' | 'smaller'): void {
    const size = trial === 'larger' ? this.larger() : this.smaller();
    if (size === this.found) {
      this.rest(trial);
      return;
    }
    this.trial = trial;
    this.change(size);
  }

  private rest(tried: 'larger' | 'smaller'): void {
    this.trial = undefined;
    this.next = tried === 'larger' ? 'smaller' : 'larger';
    this.calm = this.pause;
    this.pause = Math.min(lastCalm, this.pause * 2);
  }

  private backOff(factor: number): void {
    this.change(this.fit(Math.max(Math.min(leastRows, this.found), Math.floor(this.found * factor))));
    this.forget();
  }

  /** What was known holds no more: the next round is the first. */
  private forget(): void {
    this.kept = undefined;
    this.trial = undefined;
    this.next = 'larger';
    this.pause = firstCalm * 2;
    this.calm = this.pause;
    this.round = [];
  }

  private change(size: number): void {
    this.found = size;
    this.stale = staleWrites;
  }

  /** The next size that is worth a try, or the same where a bound is reached. */
  private larger(): number {
    const { read } = this.bounds;
    const size = this.found;
    const beyond = size < read ? Math.ceil(read / Math.max(1, Math.ceil(read / size) - 1)) : size + read;
    const tried = Math.max(this.fit(size + stepRows), beyond);
    const byBytes = this.bytesOfRow > 0 ? mostBytes / this.bytesOfRow : Number.POSITIVE_INFINITY;
    return tried <= Math.min(this.most, byBytes, this.rows(tried)) ? tried : size;
  }

  private smaller(): number {
    const { read } = this.bounds;
    const size = this.found;
    const below = size > read ? size - read : Math.ceil(read / (Math.ceil(read / size) + 1));
    const tried = Math.min(this.fit(Math.max(1, size - stepRows)), below);
    return tried >= firstRows ? tried : size;
  }

  /** The greatest size up to this one that cuts a read into even parts, or puts whole reads together. */
  private fit(size: number): number {
    const { read } = this.bounds;
    return size >= read ? Math.floor(size / read) * read : Math.ceil(read / Math.ceil(read / size));
  }
}
