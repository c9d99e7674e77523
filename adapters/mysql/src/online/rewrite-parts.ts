import type { Progress, RunContext } from '@polyshift/core';
import { requireColumn } from '../catalog/table.ts';
import { quote } from '../identifiers.ts';
import { literalWriter } from '../values/literal.ts';
import { type Mapping, otherSide, type Part } from './mapping.ts';
import type { OnlineWork } from './new-table.ts';
import { untimed } from './part-direction.ts';
import { partWork, readPart } from './part-work.ts';
import { hubOf, partsIn } from './parts.ts';
import { hasRefused, readRefused, refusedKey } from './refused.ts';

/** Records that are tried at once. */
const most = 100_000;

/**
 * Tries once more to carry over each refused write between a hub and its part: the row is written as it is, which fires its trigger, and that carries
 * it over or records anew why it cannot be. Where the row is gone, what is left of it in the other table goes too.
 */
export async function* rewriteParts(work: OnlineWork, mapping: Mapping, run: RunContext): AsyncIterable<Progress> {
  for (const part of partsIn(mapping)) yield* rewritePart(partWork(work, part), part, run);
}

async function* rewritePart(work: OnlineWork, part: Part, run: RunContext): AsyncIterable<Progress> {
  const { database, names } = work;
  if (!(await hasRefused(database, names))) return;
  const records = await database.use((connection) => readRefused(connection, names, part, most));
  if (records.length === 0) return;
  const { hub, table } = await readPart(work, part);
  const isHub = (side: string): boolean => side === hubOf(part);
  let done = 0;
  for (const { side, values } of records) {
    await run.guard();
    const written = isHub(side) ? hub : table;
    const key = part.key.map((pair, index) => literalWriter(requireColumn(written, pair[side]))(values[index]!));
    const where = (of: typeof side): string => part.key.map((pair, index) => `${quote(pair[of])} = ${key[index]}`).join(' AND ');
    const clear = [...part.fields.map((field) => `${quote(field)} = NULL`), ...untimed(hub, part)].join(', ');
    const other = otherSide(side);
    await database.fenced(run.fence, async (connection) => {
      const [row] = await connection.values(`SELECT 1 FROM ${names[side]} WHERE ${where(side)} FOR UPDATE`);
      const first = quote(part.key[0]![side]);
      if (row) return await connection.execute(`UPDATE ${names[side]} SET ${first} = ${first} WHERE ${where(side)}`);
      const [left] = await connection.values(`SELECT 1 FROM ${names[other]} WHERE ${where(other)} FOR UPDATE`);
      if (left && isHub(side)) await connection.execute(`DELETE FROM ${names[other]} WHERE ${where(other)}`);
      if (left && !isHub(side)) await connection.execute(`UPDATE ${names[other]} SET ${clear} WHERE ${where(other)}`);
      return await connection.execute(`DELETE FROM ${names.refused} WHERE ${refusedKey(key)}`);
    });
    await run.fault('part_rewritten');
    yield { rows_done: ++done, rows_total: records.length };
  }
}
