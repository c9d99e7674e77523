import type { DroppedObject, RangeVar, Word } from './tree.ts';

/** A table as the history knows it: without `public`, so that `public.users` and `users` are the same. */
export function tableName(relation: RangeVar): string {
  return qualified(relation.schemaname === undefined ? [relation.relname] : [relation.schemaname, relation.relname]);
}

/** Words of a list. */
export function words(list: readonly Word[] | undefined): string[] {
  return (list ?? []).map((word) => word.String.sval);
}

/** A name of several words; `public` and `pg_catalog` are left out. */
export function qualified(parts: readonly string[]): string {
  return (parts[0] === 'public' || parts[0] === 'pg_catalog' ? parts.slice(1) : parts).join('.');
}

/** The name of something that DROP or ALTER names. */
export function objectName(object: DroppedObject): string {
  if (object.List) return qualified(words(object.List.items));
  if (object.TypeName) return qualified(words(object.TypeName.names));
  if (object.ObjectWithArgs) return qualified(words(object.ObjectWithArgs.objname));
  return object.String?.sval ?? '';
}
