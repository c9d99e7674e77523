import type { Check, PortableDocument } from '@polyshift/core';
import { checkThat } from '@polyshift/core';
import { keyList } from '../change/key-text.ts';
import type { RowKey } from '../row-store.ts';
import { documentsOf, type RowOperations } from './row-operations.ts';

/** Rows that were found, and some of them. */
export interface Survey {
  readonly count: number;
  readonly keys: readonly RowKey[];
}

/** Reads a collection and counts the rows for which something holds, for several questions at once. */
export async function survey<Raw>(
  operations: RowOperations<Raw>,
  collection: string,
  questions: readonly ((document: PortableDocument) => boolean)[],
): Promise<Survey[]> {
  const found = questions.map(() => ({ count: 0, keys: [] as RowKey[] }));
  for await (const { keyed, document } of documentsOf(operations, collection)) {
    for (const [index, holds] of questions.entries()) {
      if (!holds(document)) continue;
      found[index]!.count++;
      if (found[index]!.keys.length < 6) found[index]!.keys.push(keyed.key);
    }
  }
  return found;
}

/** The check that no row was found. */
export function noneFound(check: string, { count, keys }: Survey, words: { pass: string; fail: string; action: string }): Check {
  return checkThat(
    count === 0,
    check,
    { pass: words.pass, fail: `${count} ${words.fail}: ${keyList(keys)}`, action: words.action },
    { count },
  );
}
