import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { PolyshiftError } from '@polyshift/core';
import type { DeadLetter, LetterStore } from './dead-letter.ts';

/** A file of dead letters, one line of JSON each; runs of several specs may share it. */
export class LetterFile implements LetterStore {
  readonly name: string;
  /** Changes wait for each other, so that lines stay whole. */
  private last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.name = path;
  }

  /** Throws FILE_NOT_FOUND where the file cannot be written. */
  append(letters: readonly DeadLetter[]): Promise<void> {
    return this.afterOthers(async () => {
      try {
        const file = await open(this.name, 'a', 0o600);
        try {
          await file.appendFile(letters.map((letter) => `${JSON.stringify(letter)}\n`).join(''));
          await file.sync();
        } finally {
          await file.close();
        }
      } catch (cause) {
        throw new PolyshiftError(
          'FILE_NOT_FOUND',
          `cannot write the dead-letter file ${this.name}: ${(cause as Error).message}`,
          { hint: 'Name a file that can be written under `dead_letters`.', cause },
        );
      }
    });
  }

  async *read(runId: string): AsyncGenerator<DeadLetter> {
    for await (const letter of this.all()) if (letter.run_id === runId) yield letter;
  }

  remove(runId: string, letters: readonly DeadLetter[]): Promise<void> {
    const gone = new Set(letters.map(({ id }) => id));
    return gone.size === 0
      ? Promise.resolve()
      : this.afterOthers(() => this.rewrite((letter) => letter.run_id !== runId || !gone.has(letter.id)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.last.catch(() => undefined);
  }

  private afterOthers(change: () => Promise<void>): Promise<void> {
    this.last = this.last.catch(() => undefined).then(change);
    return this.last;
  }

  /** All letters, none where there is no file. A line that a crash cut short is left out. */
  private async *all(): AsyncGenerator<DeadLetter> {
    const stream = createReadStream(this.name, 'utf8');
    try {
      for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
        const letter = parsed(line);
        if (letter) yield letter;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    } finally {
      stream.destroy();
    }
  }

  /** Keeps only the letters for which `keep` holds; removes the file where none is left. */
  private async rewrite(keep: (letter: DeadLetter) => boolean): Promise<void> {
    let dropped = false;
    let kept = 0;
    const next = `${this.name}.next`;
    const file = await open(next, 'w', 0o600);
    try {
      for await (const letter of this.all()) {
        if (!keep(letter)) {
          dropped = true;
          continue;
        }
        kept++;
        await file.appendFile(`${JSON.stringify(letter)}\n`);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (kept === 0) await rm(this.name, { force: true });
    if (dropped && kept > 0) await rename(next, this.name);
    else await rm(next, { force: true });
  }
}

function parsed(line: string): DeadLetter | undefined {
  try {
    return JSON.parse(line) as DeadLetter;
  } catch {
    return undefined;
  }
}
