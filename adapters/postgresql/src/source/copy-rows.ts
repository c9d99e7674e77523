import type { Readable } from 'node:stream';

/** One row of COPY's text format: a text for each column, or null. */
export type TextRow = (string | null)[];

const newline = 10;

/**
 * Parses COPY's text format straight from the chunks of the stream, into batches. In this format a raw tab or newline always separates, so
 * that the engine's own splitting does the work; only lines with a backslash are looked at closer. A chunk may end anywhere: what
 * stands behind its last newline waits, as bytes, for the next one. The stream is read no faster than batches are asked for.
 */
export async function* readCopy(stream: Readable, batchSize: number): AsyncIterable<TextRow[]> {
  let rest: Buffer[] = [];
  let batch: TextRow[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(newline);
    if (end < 0) {
      rest.push(chunk);
      continue;
    }
    const complete = rest.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...rest, chunk.subarray(0, end)]);
    rest = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    for (const line of complete.toString('utf8').split('\n')) {
      batch.push(parseLine(line));
      if (batch.length >= batchSize) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

function parseLine(line: string): TextRow {
  const row: TextRow = line.split('\t');
  if (!line.includes('\\')) return row;
  for (let index = 0; index < row.length; index++) {
    const text = row[index]!;
    if (text.includes('\\')) row[index] = text === '\\N' ? null : unescapeText(text);
  }
  return row;
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unescapeText(text: string): string {
  return text.replace(/\\(.)/gs, (_all, char: string) => escapes[char] ?? char);
}

/** A row in COPY's text format, newline included. */
export function printCopyRow(row: readonly (string | null)[]): string {
  let line = '';
  for (let index = 0; index < row.length; index++) {
    const text = row[index]!;
    if (index > 0) line += '\t';
    line += text === null ? '\\N' : needsEscape.test(text) ? text.replace(escaped, escapeChar) : text;
  }
  return `${line}\n`;
}

const needsEscape = /[\\\n\r\t]/;
const escaped = /[\\\n\r\t]/g;
const escapeChar = (char: string): string => (char === '\n' ? '\\n' : char === '\r' ? '\\r' : char === '\t' ? '\\t' : '\\\\');
