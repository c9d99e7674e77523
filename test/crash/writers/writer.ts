/**
 * An application that writes to one table of a store by the driver, knowing nothing of polyshift. A row has the key `id` (`_id` on MongoDB), a text
 * `note`, and nothing else that must be given. Every write is one request, and its promise resolves when the store has acknowledged it as
 * durable. A connection that is lost is made again by itself.
 *
 * @throws WriteRefused by each write that the store has certainly not done, WrongRows by an update or a removal that has not met the one row that
 *   it was for; any other error leaves open whether the write was done
 */
export interface LiveWriter extends AsyncDisposable {
  /** Writes a whole row. */
  insert(key: number, note: string): Promise<void>;
  /** Sets the note of a row that is there. */
  update(key: number, note: string): Promise<void>;
  /** Deletes a row that is there. */
  remove(key: number): Promise<void>;
  /** Every row of the table as it is now: the notes under each key, of which there are several where a row is doubled; {@link noNote} where a row has none. */
  readAll(): Promise<Map<number, string[]>>;
}

/**
 * Connects to the table of a database as `freshDatabase` names it: with its prefix in the URL where the store has no databases.
 * Some write to another version of the table, in which the note has another name (`field`, default `note`).
 * @throws the driver's error where the server does not answer
 */
export type OpenWriter = (url: string, table: string, field?: string) => Promise<LiveWriter>;

/** Stands for the note of a row that has none: no writer ever writes it. */
export const noNote = '(no note)';

/** Milliseconds until a write without an answer is given up, far longer than any change of a table that calls itself online may hold it. */
export const answerTimeoutMs = 15_000;

/** Milliseconds until a server that does not take a connection counts as away. */
export const connectTimeoutMs = 2000;

/** The store has not done a write, for certain: it said so, or was never reached. */
export class WriteRefused extends Error {
  override readonly name = 'WriteRefused';

  /** @param error what the driver threw */
  constructor(error: unknown) {
    super(error instanceof Error ? error.message || error.name : String(error), { cause: error });
  }
}

/** The answer, or WriteRefused where `certainly` says of the error that the write was not done. */
export async function written<Answer>(write: Promise<Answer>, certainly: (error: unknown) => boolean): Promise<Answer> {
  try {
    return await write;
  } catch (error) {
    throw certainly(error) ? new WriteRefused(error) : error;
  }
}

/** Whether no connection came about, so that nothing can have been sent. */
export function neverSent(error: unknown): boolean {
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverSent);
  return code === 'ECONNREFUSED';
}

/** A row by its key and its note, as a driver gives it. */
export type NotedRow = readonly [key: number, note: string | null | undefined];

/** Rows as {@link LiveWriter.readAll} gives them. */
export function notesByKey(rows: Iterable<NotedRow>): Map<number, string[]> {
  const notes = new Map<number, string[]>();
  for (const [key, note] of rows) {
    const known = notes.get(key);
    if (known) known.push(note ?? noNote);
    else notes.set(key, [note ?? noNote]);
  }
  return notes;
}

/** A write that the store has acknowledged, but that did not meet exactly the one row that it was for: that row was lost, or doubled. */
export class WrongRows extends Error {
  override readonly name = 'WrongRows';
}

/** @throws WrongRows where a write has not met exactly one row */
export function expectOneRow(met: number | null | undefined, write: string): void {
  if (met !== 1) throw new WrongRows(`${write} has met ${met ?? 0} rows instead of one`);
}
