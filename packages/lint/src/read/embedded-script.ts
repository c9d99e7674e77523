import type { Operation } from '@polyshift/core';
import { type Place, placesOf } from './place.ts';
import type { Script } from './script.ts';

/**
 * The script of a `run_sql`. Its lines are exact where the text stands in the file as it is: in a YAML block, or between quotes on one
 * line. Folded and escaped texts have the place where they begin.
 * @param place where the text begins in the file
 */
export function embeddedScript(file: string, { data }: Operation<'run_sql'>, place: Place): Script {
  const common = { sql: data.up, transaction: data.transaction, migration: true };
  const lines = file.split('\n');
  const opening = lines[place.line - 1]?.slice(place.column - 1) ?? '';
  if (opening.startsWith('|')) {
    // The block begins at its first line that is not blank; its indentation is taken off each line.
    const first = lines.slice(place.line).findIndex((line) => line.trim() !== '') + place.line;
    const indent = /^\s*/.exec(lines[first] ?? '')![0].length;
    const skipped = /^\n*/.exec(data.up)![0].length;
    const within = placesOf(data.up);
    return {
      ...common,
      place: (offset) => {
        const inner = within(offset);
        return { line: first + 1 + inner.line - 1 - skipped, column: inner.column + indent };
      },
    };
  }
  const start = lineStart(lines, place) + place.column - 1;
  const verbatim = file.indexOf(data.up, Math.max(0, start));
  if (verbatim >= 0 && verbatim - start < 400) {
    const within = placesOf(file);
    return { ...common, place: (offset) => within(verbatim + offset) };
  }
  return { ...common, place: () => place };
}

function lineStart(lines: readonly string[], { line }: Place): number {
  return lines.slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0);
}
