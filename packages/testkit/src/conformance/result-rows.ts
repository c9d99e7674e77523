import { type StoreSession, scalarText } from '@polyshift/core';
import type { ScenarioResult } from './options.ts';
import { valuesOf } from './source-properties.ts';

/** What a collection holds in the fields of a result, read through the adapter's own source: each row as its texts, sorted. */
export async function resultRows(session: StoreSession, { collection, fields }: ScenarioResult): Promise<string[]> {
  if (!session.source) throw new Error('the suite reads results through the source, and this adapter has none');
  await using scan = await session.source.scan({ collection });
  const rows: string[] = [];
  for (const partition of await scan.partitions(1)) {
    for await (const { batch } of scan.read(partition, { batch_size: 100 })) {
      const columns = fields.map((field) =>
        valuesOf(batch, field).map((value) => scalarText({ kind: 'dynamic' }, value) ?? 'null'),
      );
      rows.push(...columns[0]!.map((_value, row) => rowText(columns.map((column) => column[row]!))));
    }
  }
  return rows.sort();
}

/** The rows of a result in the form of {@link resultRows}. */
export function expectedRows({ rows }: ScenarioResult): string[] {
  return rows.map(rowText).sort();
}

function rowText(values: readonly string[]): string {
  return JSON.stringify(values);
}
