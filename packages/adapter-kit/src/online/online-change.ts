import {
  defaultNewCollection,
  dynamicType,
  type JsonObject,
  type Operation,
  PolyshiftError,
  type Progress,
  type RunContext,
  stableJson,
} from '@polyshift/core';
import { keyList } from '../change/key-text.ts';
import { documentsOf, type RowHandler } from '../operations/row-operations.ts';
import { valueAt } from '../values/field-path.ts';
import { type CaughtUp, catchUp } from './catch-up.ts';
import { checkOnline } from './check-online.ts';
import { Ledger } from './ledger.ts';
import { clearUp, makeVersion } from './make-version.ts';
import { convertedFields, mappingOf, type OldTypes } from './mapping.ts';
import { ledgerName, type OnlineNames, type OnlineStore, type Side } from './online-store.ts';
import { planOnline } from './plan-online.ts';
import { checkPhase, checkRefused, proveVersions } from './prove.ts';
import { type OnlineState, type Phase, readState, writeState } from './state.ts';
import { needBoth, type Sync } from './sync.ts';

/** What rollback, catching up and the end of either version need to know. */
interface OnlineUndo extends JsonObject {
  /** The name of the new version, which it keeps. */
  new_collection: string;
  /** The type that most rows of the old version have in a field that a change_type converts. */
  types: JsonObject;
}

/** Rows of the old version that are read to find out types, at most. */
const sampleSize = 1000;

/** Rows in a batch, at most: more of them make a pass no faster here, and its announced writes longer. */
const mostRows = 500;

/**
 * online_change on a store that carries nothing over by itself and cannot exchange names within a write: the new version is a collection of its own, which
 * keeps its name, and passes over both versions carry over what was written to either.
 */
export function onlineChange<Raw>(store: OnlineStore<Raw>): RowHandler<'online_change'> {
  const { operations } = store;
  const { aside } = operations.store;

  async function syncOf(operation: Operation<'online_change'>, undo: JsonObject, runAside: string): Promise<Sync<Raw>> {
    const names = namesOf(operation, undo, runAside);
    const state = await readState(aside, names.ledger);
    await operations.open?.(names.old);
    await operations.open?.(names.new);
    const { codec } = operations.store;
    const mapping = mappingOf(operation, (undo as OnlineUndo).types as unknown as OldTypes, {
      codec,
      ...names,
      columns: store.columns,
    });
    return {
      store,
      versions: {
        ...names,
        codec,
        mapping,
        violations: (collection, view) => operations.violations?.(collection, view.document) ?? [],
      },
      ledger: new Ledger(aside, names.ledger),
      identity: state?.identity,
    };
  }

  /** Carries over, and keeps what could not be. */
  async function* catchUpKept(
    operation: Operation<'online_change'>,
    undo: JsonObject,
    run: RunContext,
    isLast?: (written: CaughtUp['last']) => boolean,
  ): AsyncGenerator<Progress, CaughtUp> {
    const names = namesOf(operation, undo, run.aside);
    const sync = await syncOf(operation, undo, run.aside);
    await needBoth(sync);
    const caught = yield* catchUp(sync, batchSize(operation), run, isLast);
    const state = (await readState(aside, names.ledger))!;
    if (stableJson(state.refused ?? null) !== stableJson(caught.refused)) {
      await run.guard();
      await writeState(aside, names.ledger, { ...state, refused: caught.refused });
    }
    return caught;
  }

  async function move(names: OnlineNames, phase: Phase, run: RunContext): Promise<void> {
    await run.guard();
    const { inner: _made, ...state }: Partial<OnlineState> = (await readState(aside, names.ledger)) ?? {};
    await writeState(aside, names.ledger, { ...state, phase });
    await run.fault(phase);
  }

  return {
    plan: async (operation, context) => planOnline(store, operation, context),

    check: (operation) => checkOnline(store, operation),

    async prepare(operation, run) {
      const { collection, data } = operation;
      return {
        new_collection:
          data.new_collection ??
          (await store.newName?.(collection, run.version)) ??
          defaultNewCollection(collection, run.version),
        types: await typesOf(store, operation),
      };
    },

    async *execute(operation, undo, run) {
      const names = namesOf(operation, undo, run.aside);
      const state = await readState(aside, names.ledger);
      if (state?.phase === 'contracting') return;
      if (state?.phase !== 'copying' && state?.phase !== 'both') await makeVersion(store, names, operation, state, run);
      yield* catchUpKept(operation, undo, run);
      if (state?.phase !== 'both') await move(names, 'both', run);
    },

    async verify(operation, undo, run) {
      const names = namesOf(operation, undo, run.aside);
      const state = await readState(aside, names.ledger);
      const made = checkPhase(state, names);
      if (made.status === 'FAILED') return [made];
      const sync = await syncOf(operation, undo, run.aside);
      await needBoth(sync);
      // What the store itself has refused shows in no comparison: by that it only waits.
      return [made, checkRefused(state, names), ...(await proveVersions(sync, batchSize(operation), run))];
    },

    async *rollback(operation, undo, run) {
      const names = namesOf(operation, undo, run.aside);
      const state = await readState(aside, names.ledger);
      if (!state) return;
      if (state.phase === 'contracting')
        throw new PolyshiftError('NOT_REVERSIBLE', `${names.old} has come to its end: ${names.new} is the only version`);
      if (state.phase === 'both') {
        // What the application of the old version writes meanwhile is where it stays.
        const { refused, last } = yield* catchUpKept(operation, undo, run, ({ old }) => old === 0);
        if (last.old > 0) throw busy(names, 'new');
        if (refused.of.new > 0) throw writtenSince(names, refused);
      }
      if (state.phase === 'making') await clearUp(store, names, state, run);
      await move(names, 'taking_back', run);
      await store.drop(names.new);
      await run.fault('dropped');
      yield { rows_done: 0 };
    },

    async discard(operation, undo, run) {
      const names = namesOf(operation, undo, run.aside);
      const state = await readState(aside, names.ledger);
      if (state?.phase === 'contracting') {
        await store.drop(names.old);
        await run.fault('old_dropped');
      }
      await aside.drop(names.ledger);
    },

    versions: {
      async state(operation, undo, place) {
        const names = namesOf(operation, undo, place.aside);
        const state = await readState(aside, names.ledger);
        return {
          new_version: { collections: { [names.old]: names.new } },
          refused: state?.refused?.count ?? 0,
          // Nothing tells but a pass over both.
          waiting: null,
        };
      },

      async checkMove(operation, undo, run) {
        const names = namesOf(operation, undo, run.aside);
        return [checkRefused(await readState(aside, names.ledger), names)];
      },

      async *catchUp(operation, undo, run) {
        const names = namesOf(operation, undo, run.aside);
        const state = await readState(aside, names.ledger);
        if (state?.phase === 'both') yield* catchUpKept(operation, undo, run);
      },

      async *contract(operation, undo, run) {
        const names = namesOf(operation, undo, run.aside);
        const state = await readState(aside, names.ledger);
        if (!state || state.phase === 'contracting') return;
        // What the application of the new version writes meanwhile is where it stays.
        const { refused, last } = yield* catchUpKept(operation, undo, run, ({ new: fresh }) => fresh === 0);
        if (last.new > 0) throw busy(names, 'old');
        if (refused.of.old > 0) throw refusedWrites(names, refused);
        await move(names, 'contracting', run);
      },
    },
  };
}

function namesOf(operation: Operation<'online_change'>, undo: JsonObject, aside: string): OnlineNames {
  return { old: operation.collection, new: (undo as OnlineUndo).new_collection, ledger: ledgerName(aside) };
}

function batchSize({ batch_size }: Operation): number {
  return Math.min(batch_size, mostRows);
}

/** The types of the fields that are converted, as most of the first rows have them. */
async function typesOf<Raw>({ operations }: OnlineStore<Raw>, operation: Operation<'online_change'>): Promise<JsonObject> {
  const counts = new Map(convertedFields(operation).map((field) => [field, new Map<string, number>()]));
  if (counts.size === 0) return {};
  let seen = 0;
  for await (const { document } of documentsOf(operations, operation.collection)) {
    for (const [field, found] of counts) {
      const value = valueAt(document, field);
      const type = value === undefined ? undefined : dynamicType(value);
      if (type) found.set(stableJson(type), (found.get(stableJson(type)) ?? 0) + 1);
    }
    if (++seen === sampleSize) break;
  }
  return Object.fromEntries(
    [...counts].flatMap(([field, found]) => {
      const [most] = [...found].sort(([, left], [, right]) => right - left);
      return most ? [[field, JSON.parse(most[0]) as JsonObject]] : [];
    }),
  );
}

function writtenSince(names: OnlineNames, { of, examples }: CaughtUp['refused']): PolyshiftError {
  const keys = keyList(examples.filter(({ side }) => side !== 'old').map(({ key }) => key));
  return new PolyshiftError(
    'WRITTEN_SINCE',
    `${of.new} rows of ${names.new} could not be carried over to ${names.old}, and would be lost with it: ${keys}`,
    { hint: 'Correct them in either version, then run again.', data: { collection: names.new, count: of.new } },
  );
}

function refusedWrites(names: OnlineNames, { of, examples }: CaughtUp['refused']): PolyshiftError {
  const keys = keyList(examples.filter(({ side }) => side !== 'new').map(({ key }) => key));
  return new PolyshiftError(
    'CHECK_FAILED',
    `${of.old} rows of ${names.old} could not be carried over to ${names.new}, and would be lost with it: ${keys}`,
    { hint: 'Correct these rows: a write that fits both versions is carried over.' },
  );
}

function busy(names: OnlineNames, side: Side): PolyshiftError {
  return new PolyshiftError('STORE_BUSY', `${names[side]} is written faster than its writes are carried over`, {
    hint: 'Let the applications that write it end first, then run again.',
    retryable: true,
  });
}
