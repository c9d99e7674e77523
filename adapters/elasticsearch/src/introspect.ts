import type { CollectionSchema, FieldSchema, StoreSchema } from '@polyshift/core';
import { type Collection, findCollection, listCollections } from './collection/collection.ts';
import { nameProblem } from './collection/names.ts';
import { request } from './http/request.ts';
import { metaOf } from './mapping/collection-meta.ts';
import { fieldTypes } from './mapping/field-types.ts';
import { lastingSettings, normalMapping } from './mapping/normal-mapping.ts';
import type { Store } from './store.ts';
import { listTemplates } from './templates.ts';

/** The schema of the named collections, or of all; polyshift's own are left out. */
export async function introspect(store: Store, names?: readonly string[]): Promise<StoreSchema> {
  const found = names
    ? (await Promise.all(names.filter((name) => !nameProblem(store, name)).map((name) => findCollection(store, name)))).filter(
        (each) => each !== undefined,
      )
    : await listCollections(store);
  const counts = found.length === 0 ? new Map<string, number>() : await documentCounts(store);
  const templates = names ? {} : await listTemplates(store);
  return {
    collections: Object.fromEntries(found.map((each) => [each.name, collectionSchema(each, counts)])),
    ...(Object.keys(templates).length > 0 ? { templates } : {}),
  };
}

/** A collection as a portable schema. */
function collectionSchema({ name, kind, indices }: Collection, counts: ReadonlyMap<string, number>): CollectionSchema {
  const { mappings, settings } = indices[0]!;
  const { key, validation } = metaOf(mappings);
  const { properties: _fields, _meta, ...own } = normalMapping(mappings);
  const known = indices.every(({ index }) => counts.has(index));
  return {
    name,
    kind: kind === 'view' ? 'view' : 'collection',
    fields: fieldsOf(indices),
    key,
    indexes: [],
    constraints: [],
    ...(validation ? { validation } : {}),
    options: { ...lastingSettings(settings), ...(Object.keys(own).length > 0 ? { mappings: own } : {}), stored_as: kind },
    ...(known ? { approximate_count: indices.reduce((sum, { index }) => sum + counts.get(index)!, 0) } : {}),
  };
}

/** The fields of the mappings by their paths; of an object only the fields inside of it, where it has any. */
function fieldsOf(indices: Collection['indices']): FieldSchema[] {
  const types = new Map(indices.flatMap(({ mappings }) => [...fieldTypes(mappings)]));
  const paths = [...types.keys()];
  const parents = new Set(paths.flatMap((path) => (path.includes('.') ? [path.slice(0, path.lastIndexOf('.'))] : [])));
  return [...types.values()]
    .filter(({ path }) => !parents.has(path))
    .map(({ path, native, portable, definition }): FieldSchema => {
      const { type: _type, ...options } = definition;
      return {
        name: path,
        type: portable,
        native,
        nullable: true,
        ...(Object.keys(options).length > 0 ? { options } : {}),
      };
    });
}

/** Documents of each index, by the server's statistics; nested objects count as documents in them. */
async function documentCounts(store: Store): Promise<Map<string, number>> {
  const listed = await request<{ index: string; 'docs.count': string | null }[]>(
    store,
    'GET',
    ['_cat', 'indices', `${store.prefix}*`],
    {
      query: { format: 'json', h: 'index,docs.count', expand_wildcards: 'open,hidden' },
    },
  );
  return new Map(listed.filter((each) => each['docs.count'] !== null).map((each) => [each.index, Number(each['docs.count'])]));
}
