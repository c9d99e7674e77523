import { type Check, fail, innerOperations, type JsonObject, type Operation, warnOfWorkers } from '@polyshift/core';
import type { Document } from 'mongodb';
import { listIndexes } from '../introspect.ts';
import { addField } from '../operations/add-field.ts';
import { changeType } from '../operations/change-type.ts';
import { migrateData } from '../operations/migrate-data.ts';
import { removeField } from '../operations/remove-field.ts';
import { renameField } from '../operations/rename-field.ts';
import { isFree, isWritableCollection, listed, pipelineRuns } from '../preconditions.ts';
import type { Store } from '../store.ts';
import { checkParts } from './check-parts.ts';
import { isStructural, structuralHandler } from './inner-structure.ts';
import { mappingOf, oldPathBefore } from './mapping.ts';
import { frequentTypes } from './old-types.ts';
import { placeIndexes } from './part-structure.ts';

/** The operations that change documents: their checks are asked of the old version. */
const onDocuments = {
  add_field: addField,
  rename_field: renameField,
  remove_field: removeField,
  change_type: changeType,
  migrate_data: migrateData,
};

/** What must hold before an online change: the checks of the operations within it, as far as they can be told from the old version, and its own. */
export async function checkOnlineChange(store: Store, operation: Operation<'online_change'>): Promise<Check[]> {
  const checks = await isWritableCollection(store, operation.collection);
  if (checks[0]!.status === 'FAILED') return checks;
  const parts = await checkParts(store, operation);
  if (parts.some(({ status }) => status === 'FAILED')) return [...checks, ...parts];
  checks.push(...parts, ...warnOfWorkers(operation));
  const { new_collection } = operation.data;
  if (new_collection !== undefined) checks.push(await isFree(store, new_collection));
  const options = (await listed(store, operation.collection))?.['options'] as Document | undefined;
  if (options?.['capped'])
    checks.push(
      fail('collection_kind', `${operation.collection} is capped: nothing can be deleted from it`, 'Change it without --online.'),
    );
  const stats: Document = await store.db.command({ collStats: operation.collection }).catch(() => ({}));
  if (stats['sharded'] === true)
    checks.push(
      fail(
        'collection_kind',
        `${operation.collection} is sharded, and its new version would not be`,
        'Change it without --online; or create and shard the new collection yourself, and move the documents by `load`.',
      ),
    );
  const unsupported = innerOperations(operation).filter(({ type }) => !isStructural(type) && !Object.hasOwn(onDocuments, type));
  for (const { type } of unsupported)
    checks.push(
      fail('operation', `MongoDB does not carry ${type}`, 'Leave it out; the page of MongoDB says what to do instead.'),
    );
  if (unsupported.length > 0) return checks;
  checks.push(...(await innerChecks(store, operation)), ...(await brokenIndexes(store, operation)));
  const mapping = mappingOf(operation, await frequentTypes(store, operation));
  for (const branch of mapping.forward) {
    for (const back of mapping.back)
      checks.push(await pipelineRuns(store, operation.collection, [{ $limit: 100 }, ...branch, ...back]));
  }
  return distinct(checks);
}

/** The checks of the operations that the old version can answer: those that nothing before them in the list changes the answer of. */
async function innerChecks(store: Store, operation: Operation<'online_change'>): Promise<Check[]> {
  const inner = innerOperations(operation);
  const checks: Check[] = [];
  for (const [index, each] of inner.entries()) {
    const before = inner.slice(0, index);
    const structuralBefore = before.some(({ type }) => isStructural(type));
    if (isStructural(each.type)) {
      const readsDocuments = each.type === 'schema_validation' || each.type === 'create_index';
      if (readsDocuments ? before.length > 0 : structuralBefore) continue;
      checks.push(...(await structuralHandler(store, each.type).check(each)));
      continue;
    }
    if (before.some((earlier) => !isStructural(earlier.type) && touches(earlier, each))) continue;
    // What the validator requires is another question once it is changed too.
    if (each.type === 'remove_field' && inner.some(({ type }) => type === 'schema_validation' || type === 'drop_validation'))
      continue;
    const factory = onDocuments[each.type as keyof typeof onDocuments];
    checks.push(...(await factory(store).check(each as never)));
  }
  return checks;
}

function touches(earlier: Operation, each: Operation): boolean {
  const [left, right] = [fieldsOf(earlier), fieldsOf(each)];
  if (!left || !right) return true;
  const top = (field: string): string => field.split('.')[0]!;
  return left.some((field) => right.some((other) => top(other) === top(field)));
}

/** The fields that an operation names; undefined where it may read or write any. */
function fieldsOf({ type, data }: Operation): string[] | undefined {
  if (type === 'rename_field') return [data.old_name, data.new_name];
  if (type === 'migrate_data') return undefined;
  const { field_name } = data as { field_name?: string };
  return field_name === undefined ? [] : [field_name];
}

/** Unique indexes whose fields the new version does not have any more: every document of it would have the same key. */
async function brokenIndexes(store: Store, operation: Operation<'online_change'>): Promise<Check[]> {
  const inner = innerOperations(operation);
  const dropped = inner.flatMap((each) => (each.type === 'drop_index' ? [each.data.name] : []));
  const changed = inner.flatMap((each, index) => {
    const name =
      each.type === 'rename_field' ? each.data.old_name : each.type === 'remove_field' ? each.data.field_name : undefined;
    return name === undefined ? [] : [oldPathBefore(name, inner.slice(0, index))];
  });
  const gone = [...changed, ...(operation.data.split ?? []).flatMap(({ fields }) => fields)];
  const { main: indexes } = placeIndexes(operation, await listIndexes(store, operation.collection));
  return indexes
    .filter(({ name, unique, definition }) => unique && !dropped.includes(name) && !(definition as JsonObject)['sparse'])
    .filter(({ keys }) => keys.some(({ field }) => gone.some((path) => field === path || field.startsWith(`${path}.`))))
    .map(({ name }) =>
      fail(
        'unique_index',
        `the unique index ${name} is over a field that the new version does not have under this name`,
        'Drop it by drop_index within the online change, and create one over the new name there.',
      ),
    );
}

function distinct(checks: readonly Check[]): Check[] {
  const seen = new Set<string>();
  return checks.filter(({ check, message }) => {
    const key = `${check}\0${message}`;
    const known = seen.has(key);
    seen.add(key);
    return !known;
  });
}
