import { type Check, fail, innerOperations, type JsonObject, type Operation, pass } from '@polyshift/core';
import type { Document } from 'mongodb';
import { idList } from '../bson/id.ts';
import { listIndexes } from '../introspect.ts';
import { isFree, isWritableCollection, listed } from '../preconditions.ts';
import { collectionOf, type Store } from '../store.ts';
import { oldPathBefore } from './mapping.ts';
import { fieldNames, mostFields, partsToKeep } from './part-fields.ts';
import { unknownOwners } from './part-owners.ts';
import { hasKeyIndex, placeIndexes } from './part-structure.ts';
import type { Part } from './parts.ts';

/** What must hold before the splits and merges of an online change: what can be told from their names first, then what the documents say. */
export async function checkParts(store: Store, operation: Operation<'online_change'>): Promise<Check[]> {
  const { split = [], merge = [] } = operation.data;
  const wrong = wrongNames(operation);
  if (wrong.length > 0) return wrong;
  const checks: Check[] = [];
  for (const { into } of split) checks.push(await isFree(store, into));
  checks.push(...(await splitStructure(store, operation)));
  for (const { from } of merge) checks.push(...(await isWritableCollection(store, from)), ...(await kindOf(store, from)));
  if (merge.length === 0 || checks.some(({ status }) => status === 'FAILED')) return checks;
  const parts = await partsToKeep(store, operation);
  for (const { side, collection, key, fields } of parts) {
    if (side !== 'old') continue;
    checks.push(...(await checkMerge(store, operation, { side, collection, key, fields: new Set(fields) })));
  }
  return checks;
}

/** What cannot be, whatever the documents hold. */
function wrongNames(operation: Operation<'online_change'>): Check[] {
  const { split = [], merge = [], new_collection } = operation.data;
  const checks: Check[] = [];
  const wrong = (message: string, action: string): void => void checks.push(fail('split_merge', message, action));
  const collections = [operation.collection, ...(new_collection === undefined ? [] : [new_collection])];
  for (const name of [...split.map(({ into }) => into), ...merge.map(({ from }) => from)]) {
    if (collections.includes(name)) wrong(`${name} is named twice`, 'Each split and merge has a collection of its own.');
    collections.push(name);
  }
  const taken = new Map<string, string>();
  for (const [collection, key, fields] of [
    ...split.map(({ into, key: named, fields: moved }) => [into, named, moved] as const),
    ...merge.map(({ from, key: named, fields: got }) => [from, named, got ?? []] as const),
  ]) {
    const [name = '_id'] = key ?? [];
    if ((key?.length ?? 1) !== 1 || !isName(name))
      wrong(`the key of ${collection} is not one field`, 'Documents have one key, _id: name one field, without dots.');
    for (const field of fields) {
      if (!isName(field) || field === '_id')
        wrong(`${field} cannot stand in another collection`, 'Name whole fields, not fields within documents, and not _id.');
      if (field === name) wrong(`${field} is the key of ${collection} and one of its fields`, 'Name another key.');
      if (taken.has(field)) wrong(`${field} stands in ${taken.get(field)} and in ${collection}`, 'Name it once.');
      taken.set(field, collection);
    }
  }
  for (const each of innerOperations(operation)) {
    const { collection, field } = touched(operation, each, taken) ?? {};
    if (field !== undefined)
      wrong(
        `${each.type} changes ${field}, which stands in ${collection}`,
        'Change it in a migration before this one, or behind it.',
      );
  }
  return checks;
}

function isName(name: string): boolean {
  return name !== '' && !name.includes('.') && !name.startsWith('$') && !name.includes('\0');
}

/** The field of a part that an operation within the change writes. */
function touched(
  operation: Operation<'online_change'>,
  each: Operation,
  taken: ReadonlyMap<string, string>,
): { field: string; collection: string } | undefined {
  const inner = innerOperations(operation);
  const before = inner.slice(0, inner.indexOf(each));
  const data = each.data as { field_name?: string; old_name?: string; new_name?: string; pipeline?: readonly JsonObject[] };
  const names =
    each.type === 'rename_field'
      ? [data.old_name!, data.new_name!]
      : each.type === 'migrate_data'
        ? (data.pipeline ?? []).flatMap((stage) => Object.values(stage).flatMap(stageFields))
        : [data.field_name ?? ''];
  for (const name of names) {
    for (const path of [name, oldPathBefore(name, before)]) {
      const field = path.split('.')[0]!;
      const collection = taken.get(field);
      if (collection !== undefined) return { field, collection };
    }
  }
  return undefined;
}

function stageFields(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** Indexes and validation of the old version that do not fit a version without the fields that are split off. */
async function splitStructure(store: Store, operation: Operation<'online_change'>): Promise<Check[]> {
  const { split = [] } = operation.data;
  if (split.length === 0) return [];
  const { parted } = placeIndexes(operation, await listIndexes(store, operation.collection));
  const checks = parted.map(({ name }) =>
    fail(
      'split_indexes',
      `the index ${name} is over fields that do not stand together in the new version`,
      'Drop it by drop_index within the online change.',
    ),
  );
  const validates = innerOperations(operation).some(({ type }) => type === 'schema_validation' || type === 'drop_validation');
  const options = (await listed(store, operation.collection))?.['options'] as Document | undefined;
  const required = (options?.['validator'] as Document | undefined)?.['$jsonSchema']?.['required'] as string[] | undefined;
  const missing = validates ? [] : (required ?? []).filter((name) => split.some(({ fields }) => fields.includes(name)));
  if (missing.length > 0)
    checks.push(
      fail(
        'split_validation',
        `the validator requires ${missing.join(', ')}, which the new version does not have`,
        'Give the new version another one by schema_validation within the online change.',
      ),
    );
  return checks;
}

/** Collections whose documents cannot be written one by one, or that cannot be put aside. */
async function kindOf(store: Store, name: string): Promise<Check[]> {
  const options = (await listed(store, name))?.['options'] as Document | undefined;
  const stats: Document = await store.db.command({ collStats: name }).catch(() => ({}));
  const kind = options?.['capped']
    ? 'capped'
    : stats['sharded'] === true
      ? 'sharded'
      : options?.['collation']
        ? 'sorted by a collation'
        : undefined;
  if (kind === undefined) return [];
  return [fail('collection_kind', `${name} is ${kind}`, 'Move its fields by an ETL spec while nobody writes.')];
}

async function checkMerge(store: Store, operation: Operation<'online_change'>, part: Part): Promise<Check[]> {
  const { collection, key, fields } = part;
  const checks: Check[] = [];
  if (key !== '_id' && !(await hasKeyIndex(store, part)))
    checks.push(
      fail(
        'merge_key',
        `${collection} has no unique index over ${key} alone`,
        'Make one by create_index in a migration before this one: each document there belongs to one document here.',
      ),
    );
  const there = await fieldNames(store, collection, key);
  if (there.length > mostFields || fields.size === 0)
    return [
      ...checks,
      fail(
        'merge_fields',
        fields.size === 0
          ? `${collection} has no fields to merge`
          : `documents of ${collection} have more than ${mostFields} fields`,
        'Name the fields that documents there may have by `fields`.',
      ),
    ];
  const left = there.filter((name) => !fields.has(name));
  if (left.length > 0)
    checks.push(
      fail(
        'merge_fields',
        `documents of ${collection} have ${left.join(', ')}, which would be lost`,
        'Name all fields, or remove those in a migration before this one.',
      ),
    );
  for (const name of fields) {
    const found = await collectionOf(store, operation.collection).findOne(
      { [name]: { $exists: true } },
      { projection: { _id: 1 } },
    );
    if (found)
      checks.push(
        fail(
          'merge_fields',
          `${operation.collection} has a field ${name} itself, in ${idList([found._id])}`,
          'Rename or remove it in a migration before this one.',
        ),
      );
  }
  checks.push(await ownersThere(store, operation.collection, part));
  return checks;
}

/** The check that each document of a part belongs to a document of the collection that gets its fields. */
async function ownersThere(store: Store, collection: string, part: Part): Promise<Check> {
  const lone: unknown[] = [];
  const known = { old: collection, new: collection, ledger: collection, parts: [part] };
  for await (const ids of unknownOwners(store, known, 1000)) {
    lone.push(...ids);
    if (lone.length > 5) break;
  }
  if (lone.length === 0) return pass('merge_owners', `each document of ${part.collection} belongs to one of ${collection}`);
  return fail(
    'merge_owners',
    `documents of ${part.collection} belong to none of ${collection}: ${idList(lone)}`,
    `Give them the ${part.key} of a document of ${collection}, or delete them first.`,
  );
}
