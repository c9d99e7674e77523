import { type Check, cameToEnd, checkThat, defaultNewCollection, fail, pass } from '@polyshift/core';
import { catchUp } from '../online/catch-up.ts';
import { checkOnlineChange } from '../online/check.ts';
import { type CopyCheckpoint, copyDocuments } from '../online/copy.ts';
import { contractVersions, takeNewVersionBack } from '../online/end-version.ts';
import { structuralOperations, verifyStructure } from '../online/inner-structure.ts';
import { countRefused } from '../online/ledger.ts';
import { mappingOf } from '../online/mapping.ts';
import { type OnlineUndo, onlineNames } from '../online/names.ts';
import { makeNewVersion, nameTaken } from '../online/new-version.ts';
import { frequentTypes } from '../online/old-types.ts';
import { partsToKeep } from '../online/part-fields.ts';
import { partsOfSide } from '../online/parts.ts';
import { planOnlineChange } from '../online/plan.ts';
import { proveDocuments, refusedCheck, refusedMessage } from '../online/prove.ts';
import { changeState, identityOf, readState } from '../online/state.ts';
import type { Versions } from '../online/versions.ts';
import { listed } from '../preconditions.ts';
import { dropIfThere, type Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

type Online = ReturnType<HandlerOf<'online_change', OnlineUndo>>;
type Operation = Parameters<Online['execute']>[0];
type Place = Parameters<NonNullable<Online['versions']>['state']>[2];

/**
 * online_change: the new version is a collection of its own, which keeps its name. Documents are carried over in both directions, by the feed of changes
 * where the server has one and by comparing where it has none, until `finalize` ends the old collection.
 */
export const onlineChange: HandlerOf<'online_change', OnlineUndo> = (store) => ({
  plan: (operation, context) => planOnlineChange(store, operation, context),

  check: (operation) => checkOnlineChange(store, operation),

  async prepare(operation, run) {
    const new_collection = operation.data.new_collection ?? defaultNewCollection(operation.collection, run.version);
    const parts = await partsToKeep(store, operation);
    const made = [new_collection, ...parts.filter(({ side }) => side === 'new').map(({ collection }) => collection)];
    for (const name of made) if (await listed(store, name)) throw nameTaken(name);
    return { new_collection, types: await frequentTypes(store, operation), ...(parts.length > 0 ? { parts } : {}) };
  },

  async *execute(operation, undo, run) {
    const names = onlineNames(operation.collection, undo, run);
    yield { rows_done: 0, note: `making ${names.new}` };
    await makeNewVersion(store, operation, names, run);
    const versions = await versionsOf(store, operation, undo, run);
    yield* copyDocuments(store, versions, operation.batch_size, run);
    const phase = (await readState(store, names))?.phase;
    if (phase === 'copying') await changeState(store, names, { phase: 'both' });
    await run.fault('both');
    if (phase === 'copying' || phase === 'both') yield* catchUp(store, names, versions, run);
  },

  async verify(operation, undo, run) {
    const names = onlineNames(operation.collection, undo, run);
    const state = await readState(store, names);
    const there = await allThere(store, [names.old, names.new, ...names.parts.map(({ collection }) => collection)]);
    if (there.status === 'FAILED' || state?.phase !== 'both') return [there, cameToEnd(run), bothInUse(state?.phase)];
    const versions = await versionsOf(store, operation, undo, run);
    const { refused = 0 } = (run.checkpoint ?? {}) as Partial<CopyCheckpoint>;
    return [
      there,
      cameToEnd(run),
      ...(await verifyStructure(store, structuralOperations(operation, names.new), state.found ?? [], run)),
      ...(await proveDocuments(store, names, versions, run)),
      await refusedCheck(store, versions, refused),
    ];
  },

  async *rollback(operation, undo, run) {
    const versions = await versionsOf(store, operation, undo, run);
    yield* takeNewVersionBack(store, onlineNames(operation.collection, undo, run), versions, run);
  },

  async discard(operation, undo, run) {
    const { endedOld, endedNew, parts, ledger, state } = onlineNames(operation.collection, undo, run);
    const endedParts = parts.map(({ ended }) => ended);
    // The state goes last: without it, nothing is left of the change.
    for (const name of [endedOld, endedNew, ...endedParts, ledger, state]) await dropIfThere(store, name);
  },

  versions: {
    async state(operation, undo, place) {
      const names = onlineNames(operation.collection, undo, place);
      return {
        new_version: {
          collections: {
            [operation.collection]: undo.new_collection,
            ...Object.fromEntries(partsOfSide(names.parts, 'new').map(({ collection }) => [collection, collection])),
          },
        },
        refused: await countRefused(store, names.ledger),
        waiting: null,
      };
    },

    async checkMove(operation, undo, run) {
      const { ledger } = onlineNames(operation.collection, undo, run);
      const count = await countRefused(store, ledger);
      if (count === 0) return [pass('writes_carried', 'every write has reached the other version')];
      return [
        fail(
          'writes_carried',
          await refusedMessage(store, { ledger }, count),
          'Correct those documents: the next write that fits is carried over.',
          { refused: count },
        ),
      ];
    },

    async *catchUp(operation, undo, run) {
      const names = onlineNames(operation.collection, undo, run);
      if ((await readState(store, names))?.phase !== 'both') return;
      yield* catchUp(store, names, await versionsOf(store, operation, undo, run), run);
    },

    async *contract(operation, undo, run) {
      const versions = await versionsOf(store, operation, undo, run);
      yield* contractVersions(store, onlineNames(operation.collection, undo, run), versions, run);
    },
  },
});

async function versionsOf(store: Store, operation: Operation, undo: OnlineUndo, place: Place): Promise<Versions> {
  const names = onlineNames(operation.collection, undo, place);
  const { old_uuid, new_uuid, part_uuids } = (await readState(store, names)) ?? {};
  return {
    old: names.old,
    new: names.new,
    parts: names.parts,
    ledger: names.ledger,
    state: names.state,
    mapping: mappingOf(operation, undo.types),
    identity: {
      ...(old_uuid ? { old_uuid } : {}),
      ...(new_uuid ? { new_uuid } : {}),
      ...(part_uuids ? { part_uuids } : {}),
    },
  };
}

async function allThere(store: Store, names: readonly string[]): Promise<Check> {
  const missing: string[] = [];
  for (const name of names) if ((await identityOf(store, name)) === undefined) missing.push(name);
  return checkThat(missing.length === 0, 'versions_exist', {
    pass: `${names.join(' and ')} are there`,
    fail: `there is no ${missing.join(' and no ')}`,
    action: 'Somebody has renamed or dropped it: put it back, or take the migration back.',
  });
}

function bothInUse(phase: string | undefined): Check {
  return checkThat(phase === 'both', 'both_in_use', {
    pass: 'both versions are in use',
    fail: `the new version is not complete, or one of both is about to end (${phase ?? 'not begun'})`,
    action: 'Run again.',
  });
}
