import type { Progress, RunContext } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import { quoteQualified } from '../identifiers.ts';
import { backfill } from './backfill.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';
import type { OnlineWork } from './new-table.ts';
import { partWork, readPart } from './part-work.ts';
import { partAside, partNames, partsIn, splitMapping } from './parts.ts';
import { rewriteParts } from './rewrite-parts.ts';

/**
 * Copies the rows of splits, by the way in which the rows of the table are copied; what merges add has come with these. What was written to a part
 * before the row that it belongs to was copied is carried over now.
 */
export async function* copyParts(work: OnlineWork, mapping: Mapping, run: RunContext): AsyncIterable<Progress> {
  for (const part of partsIn(mapping)) {
    if (part.kind !== 'split') continue;
    const { hub } = await readPart(work, part);
    yield* backfill(partWork(work, part), splitMapping(part, hub), run);
    await run.fault('part_copied');
  }
  yield* rewriteParts(work, mapping, run);
}

/** Drops what parts leave behind: merged tables that are aside, which refer to the old version, and records. */
export async function discardParts(connection: Connection, names: OnlineNames, mapping: Mapping, aside: string): Promise<void> {
  for (const part of partsIn(mapping)) {
    await connection.execute(`DROP TABLE IF EXISTS ${quoteQualified(names.schema, partAside(aside, part))}`);
    await connection.execute(`DROP TABLE IF EXISTS ${partNames(names, part).refused}`);
  }
}
