import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type Batch, canonicalText, documentText, type ErrorCode, type JsonValue, jsonOf, PolyshiftError } from '@polyshift/core';

/** A rejected row, one line of JSON in the dead-letter file. */
export interface DeadLetter {
  readonly run_id: string;
  /** The position of the extract step among those of the spec, searches for orphans behind them. */
  readonly flow: number;
  readonly partition: number;
  /** Number of the row in its partition, from 0. */
  readonly row: number;
  /** The key of the source row, or that of the target row where `target` is set. */
  readonly key: JsonValue;
  readonly code: ErrorCode;
  readonly message: string;
  /** The target that refused a part of the row; null where nothing of the row was loaded. */
  readonly target: string | null;
  /** The position of the load, and the position of the target row among those that it made of the source row; null with `target`. */
  readonly branch: number | null;
  readonly item: number | null;
  /** The source row as JSON. */
  readonly values: JsonValue;
  /** Identifies the source row by all its values. */
  readonly row_hash: string;
}

/** The file of the rows that a run rejected. An attempt that goes on after a crash leaves each row in it once. */
export class DeadLetterFile {
  readonly path: string;
  /** Writes wait for each other, so that lines stay whole. */
  private last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** Appends rows; they are on disk when the promise resolves. Throws FILE_NOT_FOUND where the file cannot be written. */
  append(letters: readonly DeadLetter[]): Promise<void> {
    const write = async (): Promise<void> => {
      try {
        const file = await open(this.path, 'a', 0o600);
        try {
          await file.appendFile(letters.map((letter) => `${JSON.stringify(letter)}\n`).join(''));
          await file.sync();
        } finally {
          await file.close();
        }
      } catch (cause) {
        throw new PolyshiftError(
          'FILE_NOT_FOUND',
          `cannot write the dead-letter file ${this.path}: ${(cause as Error).message}`,
          {
            hint: 'Name a file that can be written under `rejected_file`.',
            cause,
          },
        );
      }
    };
    this.last = this.last.catch(() => undefined).then(write);
    return this.last;
  }

  /** The rows in the file, those of other runs included; none where there is no file. A line that a crash cut short is left out. */
  async *read(): AsyncGenerator<DeadLetter> {
    const stream = createReadStream(this.path, 'utf8');
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

  /** Keeps only the rows for which `keep` holds; removes the file where none is left. */
  async prune(keep: (letter: DeadLetter) => boolean): Promise<void> {
    let dropped = false;
    let kept = 0;
    const next = `${this.path}.next`;
    const file = await open(next, 'w', 0o600);
    try {
      for await (const letter of this.read()) {
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
    if (kept === 0) await rm(this.path, { force: true });
    if (dropped && kept > 0) await rename(next, this.path);
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

/** A source row as JSON by name. */
export function sourceRowJson(batch: Batch, index: number): JsonValue {
  if (batch.kind === 'documents') return jsonOf({ kind: 'document' }, batch.decode(batch.documents[index]));
  const row = batch.rows[index]!;
  return Object.fromEntries(
    batch.columns.flatMap((column, position): [string, JsonValue][] => {
      const raw = row[position];
      if (raw === undefined) return [];
      return [[column.name, raw === null ? null : jsonOf(column.type, column.decode(raw))]];
    }),
  );
}

/** What identifies a source row by all its values. */
export function sourceRowHash(batch: Batch, index: number): string {
  const text =
    batch.kind === 'documents'
      ? documentText(batch.decode(batch.documents[index]))
      : batch.columns
          .map((column, position) => {
            const raw = batch.rows[index]![position];
            return raw === undefined ? 'u' : raw === null ? 'n' : canonicalText(column.type, column.decode(raw));
          })
          .join('|');
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
