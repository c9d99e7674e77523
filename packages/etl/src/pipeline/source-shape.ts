import { isPolyshiftError, PolyshiftError, typeText } from '@polyshift/core';
import type { EtlRun } from '../journal/records.ts';
import type { Prepared, PreparedFlow } from './prepare.ts';

/** The columns of a scan with their types, as the journal keeps them; null where rows are documents, whose fields may differ anyway. */
export type SourceShape = readonly { readonly name: string; readonly type: string }[] | null;

/** The shapes of all that a run reads, as it was when its scans were opened. */
export function shapesOf({ flows }: Prepared): SourceShape[] {
  return flows.map(({ scan }) => shapeOf(scan));
}

function shapeOf({ description }: PreparedFlow['scan']): SourceShape {
  if (description.dynamic) return null;
  return description.columns.map(({ name, native, type }) => ({ name, type: native ?? typeText(type) }));
}

/** Holds the scans that are open against what the run began with. Throws SOURCE_CHANGED. */
export function checkShapes(prepared: Prepared, run: EtlRun): void {
  for (const [index, { table, scan }] of prepared.flows.entries()) compare(table, run.sources[index] ?? null, shapeOf(scan));
}

/**
 * Asks the source again what it gives: columns that came, went or changed while rows were read would be missing in some rows and not in
 * others. Throws SOURCE_CHANGED.
 */
export async function checkSourcesAgain(prepared: Prepared, run: EtlRun): Promise<void> {
  for (const [index, flow] of prepared.flows.entries()) {
    const before = run.sources[index] ?? null;
    if (before === null) continue;
    let scan: PreparedFlow['scan'];
    try {
      scan = await flow.only({});
    } catch (cause) {
      if (!isPolyshiftError(cause, 'UNKNOWN_FIELD') && !isPolyshiftError(cause, 'UNKNOWN_COLLECTION')) throw cause;
      throw changed(flow.table, cause.message, cause);
    }
    try {
      compare(flow.table, before, shapeOf(scan));
    } finally {
      await scan[Symbol.asyncDispose]();
    }
  }
}

/** The reason why reading has failed, where it is that the source has changed; else the error itself. */
export async function whyReadingFailed(prepared: Prepared, run: EtlRun, error: unknown): Promise<unknown> {
  if (!isPolyshiftError(error) || error.retryable || error.code === 'STOPPED' || error.code === 'ROW_REJECTED') return error;
  try {
    await checkSourcesAgain(prepared, run);
    return error;
  } catch (reason) {
    return isPolyshiftError(reason, 'SOURCE_CHANGED') ? reason : error;
  }
}

function compare(table: string, before: SourceShape, now: SourceShape): void {
  if (before === null || now === null) return;
  const types = new Map(before.map(({ name, type }) => [name, type]));
  const added = now.filter(({ name }) => !types.has(name)).map(({ name }) => `${name} is new`);
  const dropped = before.filter(({ name }) => !now.some((each) => each.name === name)).map(({ name }) => `${name} is gone`);
  const retyped = now
    .filter(({ name, type }) => types.has(name) && types.get(name) !== type)
    .map(({ name, type }) => `${name} was ${types.get(name)} and is ${type}`);
  const differences = [...added, ...dropped, ...retyped];
  if (differences.length > 0) throw changed(table, differences.join(', '));
}

function changed(table: string, what: string, cause?: unknown): PolyshiftError {
  return new PolyshiftError('SOURCE_CHANGED', `the columns of "${table}" have changed since the run began: ${what}`, {
    hint: 'Nothing is lost: put the columns back and run again, it resumes; or take the load back by `polyshift etl rollback` and run it anew.',
    ...(cause === undefined ? {} : { cause }),
  });
}
