import type { FieldChange, KeyedRow, RowStore, RowWrite } from '@polyshift/adapter-kit';
import { bytesOf } from '../keys/names.ts';
import { hashFields, idField, jsonField, type RedisRow } from './raw-row.ts';

/** The one field of a row that is taken as a whole. */
export const wholeField = '\0whole';

/**
 * The same rows with one field each that holds all of a row: a change of its encoding is then one change, that is taken back whole or, where the application
 * has written the row since, not at all.
 */
export function wholeRows(store: RowStore<Buffer>): RowStore<Buffer> {
  const wrap = ({ key, row }: KeyedRow<Buffer>): KeyedRow<Buffer> => ({
    key,
    row: new Map([
      [idField, row.get(idField)!],
      [wholeField, packed(row)],
    ]),
  });
  return {
    ...store,
    codec: {
      ...store.codec,
      decode: (collection, row) => store.codec.decode(collection, openRow(row)),
      edit: (_collection, row, edits) => {
        const result = new Map(row);
        for (const edit of edits) if (edit.kind === 'set') result.set(edit.field, edit.value as Buffer);
        return result;
      },
    },

    async *scan(collection, scan) {
      for await (const { rows, last } of store.scan(collection, scan)) yield { rows: rows.map(wrap), last };
    },

    get: async (collection, keys) => (await store.get(collection, keys)).map(wrap),

    write: (collection, writes) =>
      store.write(
        collection,
        writes.map(
          (write): RowWrite<Buffer> =>
            write.kind === 'change' ? { ...write, fields: differences(write) } : { ...write, row: openRow(write.row) },
        ),
      ),
  };
}

/** The row that is held as a whole. */
export function openRow(row: RedisRow): RedisRow {
  return unpacked(row.get(idField)!, row.get(wholeField)!);
}

/** The fields that make one whole another. */
function differences({ key, fields }: RowWrite<Buffer> & { kind: 'change' }): FieldChange<Buffer>[] {
  const [{ before, after }] = fields as [FieldChange<Buffer>];
  const id = bytesOf(String(key));
  const [old, wanted] = [unpacked(id, before!), unpacked(id, after!)];
  const names = new Set([...old.keys(), ...wanted.keys()]);
  names.delete(idField);
  return [...names].map((field) => ({ field, before: old.get(field), after: wanted.get(field) }));
}

/** All of a row but its key, the same bytes for the same row: JSON of its encoding and its fields by name, in base64. */
export function packed(row: RedisRow): Buffer {
  const json = row.get(jsonField);
  if (json) return Buffer.from(JSON.stringify({ json: json.toString('base64') }));
  const fields = hashFields(row).sort(([left], [right]) => (left < right ? -1 : 1));
  return Buffer.from(JSON.stringify({ hash: fields.map(([field, raw]) => [field, raw.toString('base64')]) }));
}

function unpacked(id: Buffer, bytes: Buffer): RedisRow {
  const { json, hash } = JSON.parse(bytes.toString()) as { json?: string; hash?: [string, string][] };
  const row = new Map<string, Buffer>([[idField, id]]);
  if (json !== undefined) row.set(jsonField, Buffer.from(json, 'base64'));
  for (const [field, raw] of hash ?? []) row.set(field, Buffer.from(raw, 'base64'));
  return row;
}
