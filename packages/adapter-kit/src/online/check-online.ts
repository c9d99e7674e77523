import {
  type Check,
  checkThat,
  fail,
  innerOperations,
  type JsonObject,
  type Operation,
  PolyshiftError,
  refuseParts,
  warnOfWorkers,
} from '@polyshift/core';
import { failingEdits } from '../operations/failing-edits.ts';
import { isNoKey, isThere } from '../operations/row-operations.ts';
import { noneFound, survey } from '../operations/survey.ts';
import { compileValidation } from '../validation/compile-validation.ts';
import { mappingOf, oldNameBefore, refuseKeyBack } from './mapping.ts';
import { touchedFields } from './mapping-steps.ts';
import type { OnlineStore } from './online-store.ts';

/** What must hold before an online change makes anything; the operations within it are checked once more on the empty new version. */
export async function checkOnline<Raw>(store: OnlineStore<Raw>, operation: Operation<'online_change'>): Promise<Check[]> {
  const { operations } = store;
  const { collection, data } = operation;
  const there = await isThere(operations, collection);
  if (there.status === 'FAILED') return [there];
  const parts = refuseParts(operation, 'writes are carried over here between two collections alone');
  if (parts.length > 0) return [there, ...parts];
  const inner = innerOperations(operation);
  const without = [...new Set(inner.map(({ type }) => type).filter((type) => !store.handler(type)))];
  const carried = checkThat(without.length === 0, 'operations_carried', {
    pass: 'every change of the new version is carried here',
    fail: `${without.join(', ')} is not carried here`,
    action: 'The page of the store says why, and what to do instead.',
  });
  if (carried.status === 'FAILED') return [there, carried];
  refuseKeyBack(operation, (await operations.keyOf(collection)) ?? []);
  return [
    there,
    carried,
    ...(data.new_collection === undefined ? [] : [await store.nameFree(data.new_collection)]),
    ...(data.new_collection === collection
      ? [fail('name_free', 'the new version has the name of the old one', 'Choose another new_collection.')]
      : []),
    await isNoKey(operations, collection, keyFields(inner)),
    await rowsMap(store, operation),
    ...((await store.checks?.(operation)) ?? []),
    ...warnOfWorkers(operation),
  ];
}

/** The names, in the old version, of all fields that change. */
function keyFields(inner: readonly Operation[]): string[] {
  const names = inner.flatMap((each, index) => {
    const fields = each.type === 'rename_field' ? [each.data.old_name] : touchedFields(each);
    const converted = each.type === 'change_type' ? [each.data.field_name] : [];
    return [...fields, ...converted].map((field) => oldNameBefore(field, inner.slice(0, index)));
  });
  const targets = inner.flatMap((each) => (each.type === 'rename_field' ? [each.data.new_name] : []));
  return [...new Set([...names, ...targets])];
}

/** The check that every row has a form in the new version, which its validation schemas take. */
async function rowsMap<Raw>({ operations }: OnlineStore<Raw>, operation: Operation<'online_change'>): Promise<Check> {
  const { collection } = operation;
  const { codec } = operations.store;
  const mapping = mappingOf(operation, {}, { codec, old: collection, new: collection });
  const rules = innerOperations(operation).flatMap((each) =>
    each.type === 'schema_validation' && each.data.level !== 'off' && each.data.action === 'error'
      ? [compileValidation(each.data.schema as JsonObject)]
      : [],
  );
  const { fails, example } = failingEdits((document) => {
    const mapped = mapping.forwardDocument(document);
    const [violation] = rules.flatMap((rule) => rule(mapped));
    if (violation !== undefined) throw new PolyshiftError('CONSTRAINT_VIOLATED', violation);
    return [];
  });
  const [refused] = await survey(operations, collection, [fails]);
  return noneFound('rows_map', refused!, {
    pass: `every ${operations.noun} of ${collection} has a form in the new version`,
    fail: `${operations.noun}s of ${collection} have no form in the new version${example()}`,
    action: 'Correct them first by migrate_data, or say how to convert by `using`.',
  });
}
