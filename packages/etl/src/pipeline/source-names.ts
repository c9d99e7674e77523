import { conditionFields, isPolyshiftError, nearest, ownValue, parseConditions, type StoreSession } from '@polyshift/core';
import type { Flow } from '../spec/branches.ts';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';

/**
 * Checks the names of the extract step against the schema of the source, so that a mistake has its line and a suggestion. Throws
 * UNKNOWN_COLLECTION and UNKNOWN_FIELD. Stores without a fixed list of columns are asked for the collection alone.
 */
export async function checkSourceNames(
  loaded: LoadedSpec,
  { extract, index }: Flow,
  session: StoreSession,
  fixedColumns: boolean,
): Promise<void> {
  const at = (...path: PropertyKey[]) => ['steps', index, ...path];
  const schema = await session.introspect([extract.source_table]);
  const collection = ownValue(schema.collections, extract.source_table) ?? Object.values(schema.collections)[0];
  if (!collection) {
    const names = Object.keys((await session.introspect()).collections);
    const near = nearest(extract.source_table, names);
    throw specError(
      loaded,
      at('source_table'),
      'UNKNOWN_COLLECTION',
      `the source has no table or collection "${extract.source_table}"`,
      {
        hint: near
          ? `Did you mean "${near}"?`
          : `It has ${names.slice(0, 12).join(', ') || 'none'}${names.length > 12 ? ', ...' : ''}.`,
      },
    );
  }
  if (!fixedColumns) return;
  const fields = collection.fields.map((field) => field.name);
  const check = (name: string, path: PropertyKey[]): void => {
    if (fields.includes(name) || (name.includes('.') && fields.includes(name.split('.')[0]!))) return;
    const near = nearest(name, fields);
    throw specError(loaded, path, 'UNKNOWN_FIELD', `"${extract.source_table}" has no column "${name}"`, {
      hint: near ? `Did you mean "${near}"?` : `It has ${fields.slice(0, 12).join(', ')}${fields.length > 12 ? ', ...' : ''}.`,
    });
  };
  for (const name of conditionFields(parseConditions(extract.conditions))) check(name, at('conditions', name));
  for (const [position, name] of (extract.fields ?? []).entries()) check(name, at('fields', position));
  for (const [position, name] of (extract.key ?? []).entries()) check(name, at('key', position));
}

/** Gives an error of the adapter about the extract or load step the place of that step, where it has none. */
export function placedAt(loaded: LoadedSpec, path: readonly PropertyKey[], error: unknown): unknown {
  if (!isPolyshiftError(error) || error.place || error.exit !== 2) return error;
  return specError(loaded, path, error.code, error.message, { hint: error.hint, cause: error });
}
