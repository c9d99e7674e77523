import {
  ConversionError,
  checksFailed,
  failedOf,
  innerOperations,
  isPolyshiftError,
  type JsonObject,
  type JsonValue,
  type Operation,
  type OperationHandler,
  PolyshiftError,
  type PortableDocument,
  type RunContext,
} from '@polyshift/core';
import { documentsOf } from '../operations/row-operations.ts';
import { mappingOf } from './mapping.ts';
import type { OnlineNames, OnlineStore } from './online-store.ts';
import { type OnlineState, writeState } from './state.ts';

/** Rows that are looked at to complete operations, at most. */
const sampleSize = 1000;

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
  await run.guard();
  if (state) await clearUp(store, names, state, run);
  else if (await store.exists(names.new))
    throw new PolyshiftError('ALREADY_EXISTS', `there is a collection ${names.new} already`, {
      hint: 'Choose another name by new_collection, or drop it first.',
    });
  await writeState(aside, names.ledger, { phase: 'making' });
  await run.fault('making');
  await store.cloneStructure(names.old, names.new);
  await run.fault('cloned');
  const sample = store.adapt || store.learn ? await sampleOf(store, names, operation) : [];
  for (const given of innerOperations(operation)) {
    const planned: Operation = { ...given, collection: names.new };
    const each = (await store.adapt?.(planned, sample, names)) ?? planned;
    const handler = store.handler(each.type)!;
    await change(handler, each, { ...run, checkpoint: undefined }, async (undo) => {
      await writeState(aside, names.ledger, { phase: 'making', inner: { operation: each as unknown as JsonObject, undo } });
    });
    await run.fault('changed');
  }
  await store.learn?.(names.new, sample);
  const identity = { old: (await store.identity(names.old)) ?? '', new: (await store.identity(names.new)) ?? '' };
  await run.guard();
  await writeState(aside, names.ledger, { phase: 'copying', identity });
  await run.fault('made');
}

/** The first rows in their new form; those that have none are named by a check. */
async function sampleOf<Raw>(
  { operations }: OnlineStore<Raw>,
  names: OnlineNames,
  operation: Operation<'online_change'>,
): Promise<PortableDocument[]> {
  const mapping = mappingOf(operation, {}, { codec: operations.store.codec, ...names });
  const sample: PortableDocument[] = [];
  for await (const { document } of documentsOf(operations, names.old)) {
    try {
      sample.push(mapping.forwardDocument(document));
    } catch (error) {
      if (!(error instanceof ConversionError) && !isPolyshiftError(error, 'CONVERSION_FAILED')) throw error;
    }
    if (sample.length === sampleSize) break;
  }
  return sample;
}

/** Drops what a stopped attempt to make the new version has left behind. Idempotent. */
export async function clearUp<Raw>(
  store: OnlineStore<Raw>,
  names: OnlineNames,
  { inner: stopped }: OnlineState,
  run: RunContext,
): Promise<void> {
  if (stopped) {
    const inner = stopped.operation as unknown as Operation;
    const handler = store.handler(inner.type)!;
    const own = { ...run, checkpoint: undefined, save: async () => undefined };
    if (await store.exists(names.new)) for await (const _progress of handler.rollback(inner, stopped.undo, own));
    await handler.discard(inner, stopped.undo, own);
  }
  await run.guard();
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
