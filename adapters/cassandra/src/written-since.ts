import { keyText, type RowStore } from '@polyshift/adapter-kit';
import type { Progress, RunContext } from '@polyshift/core';

/**
 * Keeps the values of a column that a rollback is about to drop, where the application has written them: all but `ours`. They stay aside under
 * `written_` and the name of the step, for people to take them from.
 */
export async function* keepWritten(
  store: RowStore<Buffer>,
  from: { collection: string; field: string; ours: Buffer | undefined },
  run: RunContext,
): AsyncGenerator<Progress> {
  const place = `written_${run.aside}`;
  let kept = 0;
  let rows_done = 0;
  for await (const { rows } of store.scan(from.collection, { batch_size: 1000 })) {
    const written = rows.flatMap(({ key, row }) => {
      const raw = row.get(from.field);
      if (raw === undefined || (from.ours !== undefined && store.codec.equal(raw, from.ours))) return [];
      return [{ key: keyText(key), value: { key, field: from.field, value: store.codec.toJson(raw) } }];
    });
    if (written.length > 0) {
      await run.guard();
      await store.aside.ensure(place);
      await store.aside.put(place, written, 'replace');
      kept += written.length;
    }
    rows_done += rows.length;
    yield {
      rows_done,
      ...(kept > 0 ? { note: `${kept} values that were written into ${from.field} since are kept aside as ${place}` } : {}),
    };
  }
}
