import { type Fence, isPolyshiftError } from '@polyshift/core';
import type { EtlRecords } from '../journal/records.ts';
import type { DeadLetter, LetterStore } from './dead-letter.ts';

/**
 * The dead letters of one chunk, in the journal of the target, under the lock of the chunk: workers on other machines have no file in common. When the load
 * has ended they are moved to where the spec wants them.
 */
export class LetterJournal implements LetterStore {
  readonly name: string;
  private readonly records: EtlRecords;
  private readonly fence: Fence;
  private readonly partition: number;

  /** @param name where they will be at last, for people */
  constructor(records: EtlRecords, fence: Fence, partition: number, name: string) {
    this.records = records;
    this.fence = fence;
    this.partition = partition;
    this.name = name;
  }

  async append(letters: readonly DeadLetter[]): Promise<void> {
    for (const letter of letters) {
      try {
        await this.records.putLetter(letter, this.fence);
      } catch (error) {
        if (isPolyshiftError(error) && (error.retryable || error.code === 'LEASE_LOST' || error.code === 'CONNECTION_LOST'))
          throw error;
        // A row that is too large for its target may be too large for the journal, too: it is kept without its values.
        await this.records.putLetter({ ...letter, values: null }, this.fence);
      }
    }
  }

  async *read(runId: string): AsyncGenerator<DeadLetter> {
    for (const letter of (await this.records.letters(this.partition)).values()) if (letter.run_id === runId) yield letter;
  }

  async remove(_runId: string, letters: readonly DeadLetter[]): Promise<void> {
    const gone = new Set(letters.map(({ id }) => id));
    const kept = await this.records.letters(this.partition);
    const keys = [...kept].filter(([, { id }]) => gone.has(id)).map(([key]) => key);
    await this.records.deleteLetters(keys, this.fence);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Letters that are moved at once. */
const lettersAtOnce = 500;

/**
 * Moves what workers have kept in the journal to the place of the run's dead letters. Idempotent: a letter that is in both places after a crash is
 * put into its place once.
 */
export async function gatherLetters(records: EtlRecords, fence: Fence, place: LetterStore, runId: string): Promise<void> {
  const all = [...(await records.letters())];
  for (let from = 0; from < all.length; from += lettersAtOnce) {
    const part = all.slice(from, from + lettersAtOnce);
    const letters = part.map(([, letter]) => letter).filter((letter) => letter.run_id === runId);
    await place.remove(runId, letters);
    await place.append(letters);
    await records.deleteLetters(
      part.map(([key]) => key),
      fence,
    );
  }
}
