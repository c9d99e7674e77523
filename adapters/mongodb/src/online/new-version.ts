import { type JsonObject, type JsonValue, type Operation, PolyshiftError, type RunContext } from '@polyshift/core';
import type { Document } from 'mongodb';
import { indexSpecification } from '../index-definition.ts';
import { introspectOne, optionValue, validationCommand } from '../introspect.ts';
import { buildIndex } from '../operations/create-index.ts';
import { listed } from '../preconditions.ts';
import { collectionOf, dropIfThere, durable, type Store } from '../store.ts';
import { feedNow } from './change-feed.ts';
import { changeStructure, structuralOperations } from './inner-structure.ts';
import { createLedger } from './ledger.ts';
import type { OnlineNames } from './names.ts';
import { makePart, placeIndexes } from './part-structure.ts';
import { partsOfSide } from './parts.ts';
import { changeState, identityOf, readState } from './state.ts';

/**
 * Makes the new version and the collections of its splits, empty: with the options, the validator and the indexes of the old one, then with what the operations change of these. The feed of
 * changes is read from here on, so that nothing that is written while the documents are copied is missed. Started again after a stop, it begins anew.
 */
export async function makeNewVersion(
  store: Store,
  operation: Operation<'online_change'>,
  names: OnlineNames,
  run: RunContext,
): Promise<void> {
  const state = await readState(store, names);
  if (state && state.phase !== 'making') return;
  await run.guard();
  await removeAttempt(store, names);
  await changeState(store, names, { phase: 'making' });
  await run.fault('begun');
  const schema = await introspectOne(store, names.old);
  if (!schema) throw new PolyshiftError('UNKNOWN_COLLECTION', `there is no collection ${names.old}`);
  const options = Object.entries(schema.options ?? {}).map(([name, value]) => [name, optionValue(value as JsonValue)]);
  const validation: Document = schema.validation ? validationCommand(schema.validation as JsonObject) : {};
  await store.db.command({ create: names.new, ...Object.fromEntries(options), ...validation, ...durable });
  await run.fault('created');
  const { main, moved } = placeIndexes(operation, schema.indexes);
  for (const { definition } of main) await buildIndex(store, names.new, indexSpecification(definition as JsonObject));
  await run.fault('indexed');
  for (const part of partsOfSide(names.parts, 'new')) {
    const own = moved.filter(({ into }) => into === part.collection).map(({ index }) => index);
    await makePart(store, part, own);
    await run.fault('part_made');
  }
  const found = await changeStructure(store, structuralOperations(operation, names.new), run);
  await createLedger(store, names.ledger);
  const token = store.features.change_streams ? await feedNow(store, names) : undefined;
  const [old_uuid, new_uuid] = [await identityOf(store, names.old), await identityOf(store, names.new)];
  const part_uuids = await Promise.all(names.parts.map(async ({ collection }) => (await identityOf(store, collection)) ?? ''));
  await changeState(store, names, {
    phase: 'copying',
    found,
    ...(part_uuids.length > 0 ? { part_uuids } : {}),
    ...(old_uuid ? { old_uuid } : {}),
    ...(new_uuid ? { new_uuid } : {}),
    ...(token === undefined ? {} : { token }),
  });
  await run.fault('made');
}

/** What an attempt that was stopped has left; a collection of that name that holds documents is somebody else's. */
async function removeAttempt(store: Store, names: OnlineNames): Promise<void> {
  for (const name of [names.new, ...partsOfSide(names.parts, 'new').map(({ collection }) => collection)]) {
    if (!(await listed(store, name))) continue;
    if ((await collectionOf(store, name).findOne({}, { projection: { _id: 1 } })) !== null) throw nameTaken(name);
    await dropIfThere(store, name);
  }
  await dropIfThere(store, names.ledger);
}

/** The error of a name for the new version that is not free. */
export function nameTaken(name: string): PolyshiftError {
  return new PolyshiftError('ALREADY_EXISTS', `there is a collection ${name} already, where the new version is to be`, {
    hint: 'Name another one by new_collection, or by into of a split, or drop or rename that one first.',
  });
}
