import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MatrixStore } from '../matrix/stores.ts';

/** What happened to the writes of both applications in one phase. */
export interface PhaseFigures {
  readonly phase: string;
  readonly seconds: number;
  readonly acknowledged: number;
  /** Refused, or of unknown outcome. */
  readonly failed: number;
  /** The longest time in milliseconds that a write took. */
  readonly longest_ms: number;
}

/** The write load of one server. */
export interface WriteLoadFigures {
  readonly server: MatrixStore['server'];
  /** The server, for people; says where it stands in for another. */
  readonly description: string;
  /** Rows that the table has before the first write. */
  readonly rows: number;
  /** Writes a second that both applications together send. */
  readonly rate: number;
  readonly phases: readonly PhaseFigures[];
  /** Acknowledged writes that are not there at the end, or there twice. */
  readonly lost: number;
}

const folder = fileURLToPath(new URL('../../.cache/write-load/', import.meta.url));

/** Keeps the figures where the script that writes the page finds them. */
export async function keepFigures(figures: WriteLoadFigures): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${figures.server}.json`), JSON.stringify(figures, null, 2));
}
