import { seed } from '../../packages/testkit/src/conformance/places.ts';
import type { MatrixStore } from '../matrix/stores.ts';
import type { CrashFigures } from './figures.ts';
import { type StartedWriters, startWriters } from './ledger.ts';
import { seededNote, seededRows } from './scenario.ts';
import { openWriter } from './writers/registry.ts';
import type { LiveWriter } from './writers/writer.ts';

/** The first key of rows that the application makes. */
const firstKey = 1_000_000;

/** Writes a second: enough to be between any two statements, and to leave the machine to the command. */
const rate = 80;

/** The application that writes into `items` by the driver while the command works, and keeps a ledger of what was acknowledged. */
export class Application implements AsyncDisposable {
  private readonly writer: LiveWriter;
  private readonly figures: CrashFigures;
  private readonly name: string;
  private running: StartedWriters | undefined;
  private starts = 0;

  private constructor(writer: LiveWriter, figures: CrashFigures, name: string) {
    this.writer = writer;
    this.figures = figures;
    this.name = name;
  }

  /** Connects to the database of a store. */
  static async open(store: MatrixStore, url: string, figures: CrashFigures): Promise<Application> {
    return new Application(await openWriter[store.server](url, 'items'), figures, store.server);
  }

  /** Begins to insert, update and delete rows of its own, and to update the notes of the seeded ones. */
  start(): void {
    const own = `${seed} ${this.name} ${++this.starts}`;
    const existing = Array.from({ length: seededRows }, (_, index) => index + 1);
    this.running = startWriters(this.writer, { seed: own, concurrency: 2, rate, firstKey, existing });
  }

  /**
   * Ends the writing, and tells in words which acknowledged writes are not there, or not once. Takes its own rows out of the store again and gives
   * the seeded ones their notes back, so that the store can be compared with an undisturbed run.
   */
  async settle(): Promise<readonly string[]> {
    if (!this.running) return [];
    const ledger = await this.running.stop();
    this.running = undefined;
    const found = await this.writer.readAll();
    const violations = ledger.check(found);
    this.figures.writes += ledger.counts.acknowledged;
    for (const [key, notes] of found) {
      if (key >= firstKey) await this.writer.remove(key);
      else if (notes[0] !== seededNote(key)) await this.writer.update(key, seededNote(key));
    }
    return violations;
  }

  /** Ends its writing and its connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.running?.stop();
    await this.writer[Symbol.asyncDispose]();
  }
}
