import { ConversionError, isPolyshiftError } from '@polyshift/core';
import { sameRow } from '../change/row-difference.ts';
import type { RawRow, RowCodec, RowKey } from '../row-store.ts';
import { differingFields, type FieldDigests, sameDigests } from './digests.ts';
import type { InStep } from './ledger.ts';
import type { RowMapping } from './mapping.ts';
import { type MergedRow, mergeRows, type RowView, viewOf } from './merge-rows.ts';
import type { OnlineNames, Refusal, Side } from './online-store.ts';

/** What both sides and the ledger hold of one key. */
export interface Found<Raw> {
  readonly key: RowKey;
  readonly old: RowView<Raw> | undefined;
  readonly new: RowView<Raw> | undefined;
  readonly inStep: InStep | undefined;
}

/** A row of one side as it is to be written there; undefined is none. */
export interface SideWrite<Raw> {
  readonly side: Side;
  readonly before: RawRow<Raw> | undefined;
  readonly after: RawRow<Raw> | undefined;
}

/** What is to be done with one key. */
export type Decision<Raw> =
  /** Nothing has changed since both were last in step. */
  | { readonly kind: 'nothing' }
  /** Without writes both hold what they should, but the ledger does not say so yet. */
  | { readonly kind: 'write'; readonly writes: readonly SideWrite<Raw>[]; readonly inStep: InStep | undefined }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** What decisions are made by. */
export interface Versions<Raw> extends OnlineNames {
  readonly codec: RowCodec<Raw>;
  readonly mapping: RowMapping<Raw>;
  /** What a row would break in the validation schema of a collection. */
  violations(collection: string, view: RowView<Raw>): readonly string[];
}

/**
 * Decides about one key. What has changed on one side alone goes to the other; what has changed on both is put together field by field, and is a conflict
 * only where they contradict each other. A row deleted on one side is deleted on the other, unless it was written there since.
 */
export function decide<Raw>(versions: Versions<Raw>, found: Found<Raw>): Decision<Raw> {
  const { old, new: fresh, inStep } = found;
  if (!old && !fresh) return inStep ? { kind: 'write', writes: [], inStep: undefined } : { kind: 'nothing' };
  if (!old || !fresh) return inStep ? deleted(found, inStep) : inserted(versions, found);
  const changed = {
    old: !inStep || !sameDigests(old.digests, inStep.old),
    new: !inStep || !sameDigests(fresh.digests, inStep.new),
  };
  if (!changed.old && !changed.new) return { kind: 'nothing' };
  const forward = changed.old ? forwardOf(versions, old) : undefined;
  if (forward instanceof Error) return refuse('old', forward.message);
  const back = changed.new ? backOf(versions, fresh, old) : undefined;
  if (back instanceof Error) return refuse('new', back.message);
  if (!inStep) {
    const pair = { old, new: fresh, forward: forward!.digests, back: back!.digests };
    if (contradictions(versions.mapping, pair).length > 0)
      return refuse('both', 'both versions have inserted it, with values that contradict each other');
    return {
      kind: 'write',
      writes: [],
      inStep: { old: old.digests, new: fresh.digests, forward: pair.forward, back: pair.back },
    };
  }
  const toNew = merged(versions, versions.new, fresh, forward, { target: inStep.new, incoming: inStep.forward });
  const toOld = merged(versions, versions.old, old, back, { target: inStep.old, incoming: inStep.back });
  const conflicts = [...toNew.conflicts, ...trueConflicts(versions, toOld, forward, fresh)];
  if (conflicts.length > 0) {
    const fields = [...new Set(conflicts)].join(', ');
    return refuse('both', `both versions have written ${fields}, with values that contradict each other`);
  }
  const after = { old: viewAfter(versions, 'old', old, toOld.row), new: viewAfter(versions, 'new', fresh, toNew.row) };
  return written(versions, found, after, {
    forward: after.old === old && !changed.old ? inStep.forward : undefined,
    back: after.new === fresh && !changed.new ? inStep.back : undefined,
  });
}

/** The fields of the new version in which two rows contradict each other: values that only one version knows contradict nothing. */
export function contradictions<Raw>(
  mapping: RowMapping<Raw>,
  pair: { old: RowView<Raw>; new: RowView<Raw>; forward: FieldDigests; back: FieldDigests },
): string[] {
  const back = new Set(differingFields(pair.back, pair.old.digests));
  return differingFields(pair.forward, pair.new.digests).filter((field) => {
    const old = mapping.oldName(field);
    return !mapping.ownNew.has(field) && !mapping.ownOld.has(old) && back.has(old);
  });
}

/** The mapped row of the old version; an error where its values do not convert. */
export function forwardOf<Raw>({ codec, mapping, new: to }: Versions<Raw>, { row }: RowView<Raw>): RowView<Raw> | Error {
  return converted(() => viewOf(codec, to, mapping.forward(row)));
}

/** The mapped row of the new version; an error where its values do not convert. */
export function backOf<Raw>(
  { codec, mapping, old: to }: Versions<Raw>,
  { row }: RowView<Raw>,
  current: RowView<Raw> | undefined,
): RowView<Raw> | Error {
  return converted(() => viewOf(codec, to, mapping.back(row, current?.row)));
}

/** Conflicts on the way back whose values are the same on the way forward are none: only the old form writes them in several ways. */
function trueConflicts<Raw>(
  { mapping }: Versions<Raw>,
  toOld: MergedRow<Raw>,
  forward: RowView<Raw> | undefined,
  fresh: RowView<Raw>,
): readonly string[] {
  if (toOld.conflicts.length === 0 || !forward) return toOld.conflicts;
  const differing = new Set(differingFields(forward.digests, fresh.digests).map((field) => mapping.oldName(field)));
  return toOld.conflicts.filter((field) => differing.has(field));
}

function merged<Raw>(
  { codec }: Versions<Raw>,
  collection: string,
  target: RowView<Raw>,
  incoming: RowView<Raw> | undefined,
  last: { target: FieldDigests; incoming: FieldDigests },
): MergedRow<Raw> {
  return incoming ? mergeRows(codec, collection, target, incoming, last) : { row: target.row, conflicts: [] };
}

function viewAfter<Raw>(versions: Versions<Raw>, side: Side, view: RowView<Raw>, row: RawRow<Raw>): RowView<Raw> {
  return sameRow(versions.codec, row, view.row) ? view : viewOf(versions.codec, versions[side], row);
}

function deleted<Raw>({ old, new: fresh }: Found<Raw>, inStep: InStep): Decision<Raw> {
  const side: Side = old ? 'old' : 'new';
  const left = (old ?? fresh)!;
  if (sameDigests(left.digests, inStep[side]))
    return { kind: 'write', writes: [{ side, before: left.row, after: undefined }], inStep: undefined };
  return refuse('both', `deleted in the ${old ? 'new' : 'old'} version, and written in the ${side} one`);
}

function inserted<Raw>(versions: Versions<Raw>, found: Found<Raw>): Decision<Raw> {
  const { old, new: fresh } = found;
  const made = old ? forwardOf(versions, old) : backOf(versions, fresh!, undefined);
  if (made instanceof Error) return refuse(old ? 'old' : 'new', made.message);
  return written(versions, found, old ? { old, new: made } : { old: made, new: fresh! }, {
    forward: old ? made.digests : undefined,
    back: old ? undefined : made.digests,
  });
}

/** The writes that make both sides what they are to be, and what the ledger says then. */
function written<Raw>(
  versions: Versions<Raw>,
  found: Found<Raw>,
  after: { old: RowView<Raw>; new: RowView<Raw> },
  known: { forward: FieldDigests | undefined; back: FieldDigests | undefined },
): Decision<Raw> {
  const writes: SideWrite<Raw>[] = [];
  for (const side of ['new', 'old'] as const) {
    if (after[side] === found[side]) continue;
    const broken = versions.violations(versions[side], after[side]);
    if (broken.length > 0)
      return refuse(side === 'new' ? 'old' : 'new', `it breaks the validation schema of ${versions[side]}: ${broken.join('; ')}`);
    writes.push({ side, before: found[side]?.row, after: after[side].row });
  }
  const forward = known.forward ?? digestsOf(forwardOf(versions, after.old));
  // A value that does not come back is taken for what the other side holds: it is there already.
  const back = known.back ?? digestsOf(backOf(versions, after.new, after.old)) ?? after.old.digests;
  return {
    kind: 'write',
    writes,
    inStep: { old: after.old.digests, new: after.new.digests, forward: forward ?? after.new.digests, back },
  };
}

function digestsOf<Raw>(mapped: RowView<Raw> | Error): FieldDigests | undefined {
  return mapped instanceof Error ? undefined : mapped.digests;
}

function converted<Result>(compute: () => Result): Result | Error {
  try {
    return compute();
  } catch (error) {
    if (error instanceof ConversionError || isPolyshiftError(error, 'CONVERSION_FAILED')) return error as Error;
    throw error;
  }
}

function refuse<Raw>(side: Refusal['side'], reason: string): Decision<Raw> {
  return { kind: 'refuse', refusal: { side, reason } };
}
