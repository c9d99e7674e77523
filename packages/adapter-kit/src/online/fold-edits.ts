import type { FieldEdit, RawRow } from '../row-store.ts';

/**
 * Edits made one after the other as what they come to: raw values under the names that they have at the end, and values that are set there. For stores
 * that declare their columns: a name in between need not be one of them.
 *
 * @param columns what the row can have at the end; other raw values are left out
 */
export function foldEdits<Raw>(
  row: RawRow<Raw>,
  edits: readonly FieldEdit[],
  columns: ReadonlySet<string>,
): { readonly row: RawRow<Raw>; readonly sets: readonly FieldEdit[] } {
  const raw = new Map(row);
  const sets = new Map<string, Extract<FieldEdit, { kind: 'set' }>>();
  for (const edit of edits) {
    if (edit.kind === 'set') {
      raw.delete(edit.field);
      sets.set(edit.field, edit);
    } else if (edit.kind === 'unset') {
      raw.delete(edit.field);
      sets.delete(edit.field);
    } else {
      const [value, set] = [raw.get(edit.from), sets.get(edit.from)];
      for (const field of [edit.from, edit.to]) {
        raw.delete(field);
        sets.delete(field);
      }
      if (value !== undefined) raw.set(edit.to, value);
      if (set) sets.set(edit.to, { ...set, field: edit.to });
    }
  }
  return { row: new Map([...raw].filter(([field]) => columns.has(field))), sets: [...sets.values()] };
}
