import { setTimeout as pause } from 'node:timers/promises';
import { drawFrom } from './writers/draw.ts';
import { WriteLine } from './writers/write-line.ts';
import { type LiveWriter, noNote } from './writers/writer.ts';

/** What a write leaves under its key: a note, or no row. */
export type Left = string | undefined;

/** How a write ended: refused was certainly not done, unknown may have been. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** Figures of a ledger. */
export interface LedgerCounts {
  acknowledged: number;
  refused: number;
  unknown: number;
  /** The longest time in milliseconds that one line of writes went without an acknowledgement, from sending a write until the next one. */
  longest_stall_ms: number;
}

/** All that was written under one key. A key is written by one line of writes alone, each write after the end of the one before. */
interface Account {
  /** What the last acknowledged write has left; for a row that was there before, what it had, or unknown ('any'). */
  settled: { readonly left: Left } | 'any';
  /** What a write of unknown outcome may have left since: the last one, since nothing is written to the key after it. */
  open: { readonly left: Left } | undefined;
  /** Every note that was ever sent. */
  readonly sent: Set<string>;
}

/**
 * What writers have written, key by key, and what must therefore be found. A key with a write of unknown outcome is never written again: the
 * write may still be on its way, and could arrive after a later one.
 */
export class Ledger {
  readonly counts: LedgerCounts = { acknowledged: 0, refused: 0, unknown: 0, longest_stall_ms: 0 };
  /** The smallest key of the writers' own rows: every row from there on is theirs. */
  readonly firstKey: number;
  /** Texts of the first refusals and unknown outcomes, for the message of a test that fails. */
  readonly errors: string[] = [];
  private notes = 0;
  private readonly accounts = new Map<number, Account>();
  /** Violations that a write itself has met. */
  private readonly met: string[] = [];

  /** @param firstKey rows with smaller keys are not the writers' own; of those, only the ones that were written are looked at */
  constructor(firstKey: number) {
    this.firstKey = firstKey;
  }

  /**
   * Takes note of a row of others, whose note is not looked at until it is written.
   * @returns whether it can be written
   */
  adopt(key: number): boolean {
    if (!this.accounts.has(key)) this.accounts.set(key, { settled: 'any', open: undefined, sent: new Set() });
    return this.present(key);
  }

  /** A note that this ledger has never given. */
  nextNote(): string {
    return `w${this.firstKey}-${++this.notes}`;
  }

  /** Takes note of a write before it is sent. */
  issue(key: number, left: Left): void {
    let account = this.accounts.get(key);
    if (!account) {
      account = { settled: { left: undefined }, open: undefined, sent: new Set() };
      this.accounts.set(key, account);
    }
    if (left !== undefined) account.sent.add(left);
  }

  /** Takes note of how a write has ended. */
  settle(key: number, left: Left, outcome: Outcome, error?: unknown): void {
    const account = this.accounts.get(key)!;
    this.counts[outcome]++;
    if (outcome === 'acknowledged') account.settled = { left };
    if (outcome === 'unknown') account.open = { left };
    if (error !== undefined && this.errors.length < 20) this.errors.push(`${outcome}, key ${key}: ${String(error)}`);
  }

  /** Takes note of a violation that a write has met. */
  violation(text: string): void {
    this.met.push(text);
  }

  /** Every note that was ever sent under a key: what a reader may have seen there. */
  sent(key: number): ReadonlySet<string> {
    return this.accounts.get(key)?.sent ?? new Set();
  }

  /** The notes that a key must have one of; undefined among them means that the row may be missing. Undefined for keys that nobody has written. */
  expected(key: number): readonly Left[] | undefined {
    const account = this.accounts.get(key);
    if (!account || account.settled === 'any') return undefined;
    return [account.settled.left, ...(account.open ? [account.open.left] : [])];
  }

  /** Whether a key can be written as one that has a row: as far as is known it has one, and no write of unknown outcome is open. */
  present(key: number): boolean {
    const account = this.accounts.get(key);
    return (
      account !== undefined && account.open === undefined && (account.settled === 'any' || account.settled.left !== undefined)
    );
  }

  /** Every key that was written. */
  keys(): number[] {
    return [...this.accounts.keys()];
  }

  /**
   * Holds what a store has against the ledger, after all writers have stopped.
   * @param rows every row of the table, as {@link LiveWriter.readAll} gives them
   * @returns one text for each violation: a row that is missing, doubled, older than its last acknowledged write, back after its removal, or written by nobody
   */
  check(rows: Awaited<ReturnType<LiveWriter['readAll']>>): string[] {
    const found: string[] = [...this.met];
    for (const [key, account] of this.accounts) {
      const notes = rows.get(key) ?? [];
      const wrong = notes.length > 1 ? `is doubled: ${notes.join(', ')}` : violationOf(account, notes[0]);
      if (wrong) found.push(`row ${key} ${wrong}`);
    }
    for (const [key, notes] of rows) {
      if (key >= this.firstKey && !this.accounts.has(key)) found.push(`row ${key} was written by nobody: ${notes.join(', ')}`);
    }
    return found;
  }
}

function violationOf({ settled, open, sent }: Account, note: Left): string | undefined {
  if (settled === 'any') {
    // A row of others that no write was acknowledged for: it is there as it was, or as a write of unknown outcome has left it.
    return note === undefined ? 'is missing, which was there before' : undefined;
  }
  if (note === settled.left || (open && note === open.left)) return undefined;
  const last = settled.left === undefined ? 'its removal' : `the note ${settled.left}`;
  if (note === undefined) return `is missing: ${last} was acknowledged`;
  if (note === noNote) return `has no note: ${last} was acknowledged`;
  if (!sent.has(note)) return `has the note ${note}, which nobody wrote there: ${last} was acknowledged`;
  if (settled.left === undefined) return `is back with the note ${note}: its removal was acknowledged`;
  return `has the note ${note}, which is older than the acknowledged one, ${settled.left}`;
}

/** Waits until so many more writes of a ledger are acknowledged. */
export async function acknowledgements({ counts }: Ledger, more: number): Promise<void> {
  const wanted = counts.acknowledged + more;
  while (counts.acknowledged < wanted) await pause(5);
}

/** How writers write. */
export interface WritersOptions {
  /** What is written is drawn from it: the same mixture for the same seed, as far as the same writes fail. */
  readonly seed: number | string;
  /** Writes that are on their way at once: as many lines of writes, each with rows of its own. */
  readonly concurrency: number;
  /** Writes a second, by all lines together; default: as many as the store takes. */
  readonly rate?: number;
  /** The smallest key of the writers' own rows; with a ledger that is gone on with, that ledger's. */
  readonly firstKey: number;
  /** Keys of rows that others have made; their notes are updated too, and nobody else may write these. Default: none. */
  readonly existing?: readonly number[];
  /** The ledger of writers that have stopped, to go on with their rows. Default: a new one. */
  readonly ledger?: Ledger;
}

/** Writers at work. */
export interface StartedWriters {
  /** What they have written until now. */
  readonly ledger: Ledger;
  /** Lets every write that is on its way end, and gives the ledger. May be called again. */
  stop(): Promise<Ledger>;
}

/**
 * Lets writers insert, update and remove rows of one table until they are stopped. A server that goes away does not stop them: they go on trying
 * until it is back. The writer is not disposed of.
 */
export function startWriters(writer: LiveWriter, options: WritersOptions): StartedWriters {
  const { seed, concurrency, rate, existing = [], ledger = new Ledger(options.firstKey) } = options;
  const own = ledger.keys().filter((key) => key >= ledger.firstKey && ledger.present(key));
  let key = Math.max(ledger.firstKey - 1, ...ledger.keys());
  const others = existing.filter((row) => ledger.adopt(row));
  const lines = Array.from({ length: concurrency }, (_, line) => {
    const share = (keys: readonly number[]) => keys.filter((_key, index) => index % concurrency === line);
    return new WriteLine({
      writer,
      ledger,
      draw: drawFrom(`${seed} ${line}`),
      own: share(own),
      others: share(others),
      nextKey: () => ++key,
      nextNote: () => ledger.nextNote(),
      every_ms: rate === undefined ? 0 : (1000 * concurrency) / rate,
    });
  });
  const ended = Promise.all(lines.map((line) => line.run()));
  return {
    ledger,
    async stop() {
      for (const line of lines) line.stop();
      await ended;
      return ledger;
    },
  };
}
