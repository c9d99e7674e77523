import {
  checksFailed,
  failedOf,
  innerOperations,
  type JsonObject,
  type JsonValue,
  type Operation,
  type OperationHandler,
  PolyshiftError,
  type RunContext,
} from '@polyshift/core';
import type { OnlineNames, OnlineStore } from './online-store.ts';
import { type OnlineState, writeState } from './state.ts';

/**
 * Makes the new version: the definition of the old one, then the operations on it while it is empty, by the handlers that they have anyway. After a stop it
 * is begun anew, for nobody knows of it yet.
 *
 * @throws PolyshiftError CHECK_FAILED where an operation cannot be made, ALREADY_EXISTS where somebody else has taken the name
 */
export async function makeVersion<Raw>(
  store: OnlineStore<Raw>,
  names: OnlineNames,
  operation: Operation<'online_change'>,
  state: OnlineState | undefined,
  run: RunContext,
): Promise<void> {
  const { aside } = store.operations.store;
  const inner = innerOperations(operation).map((each): Operation => ({ ...each, collection: names.new }));
  await run.guard();
  if (state) await clearUp(store, names, inner, state, run);
  else if (await store.exists(names.new))
    throw new PolyshiftError('ALREADY_EXISTS', `there is a collection ${names.new} already`, {
      hint: 'Choose another name by new_collection, or drop it first.',
    });
  await writeState(aside, names.ledger, { phase: 'making' });
  await run.fault('making');
  await store.cloneStructure(names.old, names.new);
  await run.fault('cloned');
  for (const [index, each] of inner.entries()) {
    const handler = store.handler(each.type)!;
    await change(handler, each, { ...run, checkpoint: undefined }, async (undo) => {
      await writeState(aside, names.ledger, { phase: 'making', inner: { index, undo } });
    });
    await run.fault('changed');
  }
  const identity = { old: (await store.identity(names.old)) ?? '', new: (await store.identity(names.new)) ?? '' };
  await run.guard();
  await writeState(aside, names.ledger, { phase: 'copying', identity });
  await run.fault('made');
}

/** Drops what an attempt has left behind. */
async function clearUp<Raw>(
  store: OnlineStore<Raw>,
  names: OnlineNames,
  inner: readonly Operation[],
  { inner: stopped }: OnlineState,
  run: RunContext,
): Promise<void> {
  if (stopped) {
    const operation = inner[stopped.index]!;
    await store.handler(operation.type)!.discard(operation, stopped.undo, run);
  }
  await store.drop(names.new);
}

/** One operation on the empty new version, from its check to its proof; what it keeps aside goes at once. */
async function change(
  handler: OperationHandler,
  operation: Operation,
  run: RunContext,
  prepared: (undo: JsonObject) => Promise<void>,
): Promise<void> {
  const what = `${operation.type} on ${operation.collection}`;
  refuseFailed(`before ${what}`, await handler.check(operation));
  const undo = await handler.prepare(operation, run);
  await prepared(undo);
  let checkpoint: JsonValue | undefined;
  const own: RunContext = {
    ...run,
    save: async (reached) => {
      checkpoint = reached;
    },
  };
  for await (const _progress of handler.execute(operation, undo, own));
  refuseFailed(`after ${what}`, await handler.verify(operation, undo, { ...own, checkpoint }));
  await handler.discard(operation, undo, run);
}

function refuseFailed(state: string, checks: Awaited<ReturnType<OperationHandler['check']>>): void {
  const failed = failedOf(checks);
  if (failed.length > 0)
    throw checksFailed(
      state,
      failed,
      failed
        .map(({ action }) => action)
        .filter(Boolean)
        .join(' '),
    );
}
