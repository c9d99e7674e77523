import { type Check, fail, type JsonObject, PolyshiftError, pass } from '@polyshift/core';
import type { Document } from 'mongodb';
import { renameCollection } from '../collection-rename.ts';
import { introspectOne, optionValue } from '../introspect.ts';
import { approximateRows, catalogLock, planned } from '../planned.ts';
import { isThere, listed } from '../preconditions.ts';
import { asideCollection, dropIfThere, durable, type Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/** What rollback needs: nothing for a collection, which is renamed aside; the definition of a view. */
interface Undo extends JsonObject {
  view: JsonObject | null;
}

/** drop_collection: renamed aside, with documents, indexes and options. */
export const dropCollection: HandlerOf<'drop_collection', Undo> = (store) => ({
  async plan(operation, context) {
    return [
      planned(
        { renameCollection: operation.collection, to: 'polyshift_aside_?' },
        {
          phase: 'contract',
          lock: catalogLock(operation.collection),
          rows: approximateRows(context, operation.collection),
          risk: 'data_removed',
          undo: 'renames it back, until the migration is finalized',
        },
      ),
    ];
  },

  async check(operation): Promise<Check[]> {
    const there = await isThere(store, operation.collection);
    if (there.status === 'FAILED') return [there];
    const kind = (await listed(store, operation.collection))?.['type'];
    if (kind === 'collection' || kind === 'view') return [there];
    return [
      there,
      fail(
        'collection_kind',
        `a ${kind} collection cannot be renamed, so it could not be kept aside`,
        'Drop it by hand, once nothing needs it any more.',
      ),
    ];
  },

  async prepare(operation) {
    const schema = await introspectOne(store, operation.collection);
    return { view: schema?.kind === 'view' ? (schema.options ?? {}) : null };
  },

  async *execute(operation, undo, run) {
    const aside = asideCollection(run.aside);
    if (undo.view) await dropIfThere(store, operation.collection);
    else if (!(await listed(store, aside))) await renameCollection(store, operation.collection, aside);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    return [
      (await listed(store, operation.collection))
        ? fail(
            'collection_gone',
            `${operation.collection} is there again`,
            'The application still writes to it: deploy one that does not.',
          )
        : pass('collection_gone', `${operation.collection} is gone`),
    ];
  },

  async *rollback(operation, undo, run) {
    const aside = asideCollection(run.aside);
    if (undo.view) await restoreView(store, operation.collection, undo.view);
    else if (await listed(store, aside)) {
      await removeEmptySuccessor(store, operation.collection);
      await renameCollection(store, aside, operation.collection);
    }
    yield { rows_done: 1, rows_total: 1 };
  },

  discard: (_operation, _undo, run) => dropIfThere(store, asideCollection(run.aside)),
});

/** A collection of the same name that has come into being since must not be lost, unless nothing is in it. */
async function removeEmptySuccessor(store: Store, name: string): Promise<void> {
  if (!(await listed(store, name))) return;
  const count = await store.db.collection(name).countDocuments({});
  if (count > 0) {
    throw new PolyshiftError('WRITTEN_SINCE', `${name} was created anew since it was dropped, and holds ${count} documents`, {
      hint: 'Rename the new collection first.',
      data: { collection: name, count },
    });
  }
  await dropIfThere(store, name);
}

async function restoreView(store: Store, name: string, options: JsonObject): Promise<void> {
  if (await listed(store, name)) return;
  const given: Document = Object.fromEntries(Object.entries(options).map(([option, value]) => [option, optionValue(value)]));
  await store.db.command({ create: name, ...given, ...durable });
}
