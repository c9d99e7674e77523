import type { StoreSession } from '../adapter/adapter.ts';
import type { Batch } from '../adapter/batch.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { Conditions } from '../operation/condition.ts';
import { canonicalText } from '../value/canonical.ts';
import type { PortableType } from '../value/portable-type.ts';
import type { PortableValue } from '../value/portable-value.ts';

/** What rows are read. */
export interface FieldsOf {
  readonly collection: string;
  readonly fields: readonly string[];
  readonly conditions?: Conditions | undefined;
}

/** The value of a field, with its type; undefined where it is null or missing. */
export type FieldValue = { readonly type: PortableType; readonly value: PortableValue } | undefined;

/** The values of the fields of each row, by their position in `fields`. Throws UNSUPPORTED_OPERATION where the store has no source. */
export async function* readFields(
  session: StoreSession,
  { collection, fields, conditions }: FieldsOf,
): AsyncGenerator<readonly FieldValue[]> {
  if (!session.source) {
    throw new PolyshiftError(
      'UNSUPPORTED_OPERATION',
      `rows of ${collection} cannot be read: the adapter of this store has no source`,
    );
  }
  await using scan = await session.source.scan({ collection, conditions, fields });
  for (const partition of await scan.partitions(1))
    for await (const { batch } of scan.read(partition, { batch_size: 5000 })) yield* rowsOf(batch, fields);
}

/** The values as one text, equal for equal values; null where one of them is null or missing. */
export function rowText(values: readonly FieldValue[]): string | null {
  const texts: string[] = [];
  for (const each of values) {
    if (each === undefined) return null;
    texts.push(canonicalText(each.type, each.value));
  }
  return texts.join(', ');
}

function* rowsOf(batch: Batch, fields: readonly string[]): Generator<readonly FieldValue[]> {
  if (batch.kind === 'documents') {
    for (const document of batch.documents) {
      yield fields.map((field) => {
        const raw = batch.get(document, field);
        return raw === undefined || raw === null ? undefined : fieldValue({ kind: 'dynamic' }, batch.decodeValue(raw));
      });
    }
    return;
  }
  const columns = fields.map((field) => batch.columns.findIndex((column) => column.name === field));
  for (const row of batch.rows) {
    yield columns.map((position) => {
      const raw = row[position];
      const column = batch.columns[position];
      return raw === undefined || raw === null || !column ? undefined : fieldValue(column.type, column.decode(raw));
    });
  }
}

function fieldValue(type: PortableType, value: PortableValue): FieldValue {
  return value === null ? undefined : { type, value };
}
