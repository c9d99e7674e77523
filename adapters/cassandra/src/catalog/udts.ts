import { read } from '../cql/execute.ts';
import type { Store } from '../store.ts';
import type { UdtLookup } from '../values/cql-type.ts';

/** The user-defined types of the keyspace, by name. */
export async function udtLookup(store: Store): Promise<UdtLookup> {
  const rows = await read(store, 'SELECT type_name, field_names, field_types FROM system_schema.types WHERE keyspace_name = ?', [
    store.keyspace,
  ]);
  const found = new Map(
    rows.map((row) => [
      String(row['type_name']),
      { fields: (row['field_names'] ?? []) as string[], types: (row['field_types'] ?? []) as string[] },
    ]),
  );
  return (name) => found.get(name);
}
