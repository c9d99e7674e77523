import type { Progress, RunContext } from '@polyshift/core';
import { readTable, requireColumn } from '../catalog/table.ts';
import { quote } from '../identifiers.ts';
import { literalWriter } from '../values/literal.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineWork } from './new-table.ts';
import { hasRefused, readRefused, refusedKey } from './refused.ts';
import { unseen } from './user-triggers.ts';

/** Records that are tried at once. */
const most = 100_000;

/**
 * Tries once more to carry over each row with a refused write: the row is written as it is, which fires its trigger, and that carries it over whole
 * or records anew why it cannot be. A record whose row is in neither version any more goes.
 */
export async function* rewriteRefused(work: OnlineWork, mapping: Mapping, run: RunContext): AsyncIterable<Progress> {
  const { database, names, operation, undo } = work;
  if (!(await hasRefused(database, names))) return;
  const records = await database.use((connection) => readRefused(connection, names, mapping, most));
  const tables = { old: await readTable(database, operation.collection), new: await readTable(database, undo.new_collection) };
  let done = 0;
  for (const { side, values } of records) {
    await run.guard();
    const columns = mapping.key.map((pair) => requireColumn(tables[side], pair[side]));
    const key = columns.map((column, index) => literalWriter(column)(values[index]!));
    const where = columns.map(({ name }, index) => `${quote(name)} = ${key[index]}`).join(' AND ');
    await database.fenced(run.fence, async (connection) => {
      const [row] = await connection.values(`SELECT 1 FROM ${names[side]} WHERE ${where} FOR UPDATE`);
      const first = quote(columns[0]!.name);
      if (row)
        await unseen(connection, names, () => connection.execute(`UPDATE ${names[side]} SET ${first} = ${first} WHERE ${where}`));
      else await connection.execute(`DELETE FROM ${names.refused} WHERE ${refusedKey(key)}`);
    });
    yield { rows_done: ++done, rows_total: records.length };
  }
}
