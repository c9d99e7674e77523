import { resolve } from 'node:path';
import { isPolyshiftError, type LoadUndo } from '@polyshift/core';
import type { LoadedSpec } from '../spec/load-spec.ts';
import { type LetterStore, removeWhere } from './dead-letter.ts';
import { LetterFile } from './letter-file.ts';
import { LetterTable, letterTarget, type TargetStore } from './letter-table.ts';

/** Where a run keeps its dead letters, as the journal has it: with what takes a table back that the run made. */
export type LetterPlace = { readonly file: string } | { readonly undo: LoadUndo };

/** Where a run would keep its dead letters: `dead_letters` of the spec, or NAME.rejected.ndjson in its folder. Changes nothing. */
export async function planLetters(loaded: LoadedSpec, store: TargetStore, aside: string): Promise<LetterPlace> {
  const { dead_letters: place, name } = loaded.spec;
  if (place && 'table' in place) {
    return { undo: (await store.sink.plan(letterTarget(store, place.table, `${aside}_d`))).undo };
  }
  return { file: resolve(loaded.folder, place?.file ?? `${name}.rejected.ndjson`) };
}

/** Opens the place where a run keeps its dead letters. */
export async function openLetters(loaded: LoadedSpec, store: TargetStore, place: LetterPlace): Promise<LetterStore> {
  return 'file' in place ? new LetterFile(place.file) : LetterTable.open(store, loaded.spec.name, place.undo);
}

/** The place for people. */
export function lettersName(place: LetterPlace): string {
  return 'file' in place ? place.file : `the table ${place.undo.collection}`;
}

/** Takes the letters of a run away, and the table that it made for them, unless it holds those of others. Idempotent. */
export async function takeLettersBack(loaded: LoadedSpec, store: TargetStore, place: LetterPlace, runId: string): Promise<void> {
  if ('undo' in place) {
    const { collections } = await store.session.introspect([place.undo.collection]);
    // Opening would create it.
    if (Object.keys(collections).length === 0) return store.sink.discard(place.undo);
  }
  let letters: LetterStore;
  try {
    letters = await openLetters(loaded, store, place);
  } catch (error) {
    // Taken back before, and there for letters of other runs.
    if (isPolyshiftError(error, 'ALREADY_EXISTS')) return;
    throw error;
  }
  try {
    await removeWhere(letters, runId, () => true);
  } finally {
    await letters[Symbol.asyncDispose]();
  }
  if (!('undo' in place)) return;
  try {
    for await (const _ of store.sink.rollback(place.undo, 0));
  } catch (error) {
    // Letters of other runs are in it: it stays for them.
    if (!isPolyshiftError(error, 'WRITTEN_SINCE')) throw error;
  }
  await store.sink.discard(place.undo);
}
