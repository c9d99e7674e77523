import { contradictions } from './agreement.ts';
import type { FieldDigests } from './digests.ts';
import { documentDigest } from './document-digest.ts';
import { fieldsOf, type SideState } from './joined.ts';
import type { Entry, InStep, Refusal, Side } from './ledger-entry.ts';
import type { Mapping } from './mapping.ts';
import { differingPaths, type Merged, mergeFields } from './merge.ts';
import { type Part, partsOfSide } from './parts.ts';
import type { PartPlace } from './resolve.ts';

/** What both sides and the ledger hold of one _id. */
export interface Found {
  readonly id: unknown;
  /** Whole documents, with the fields of their parts. */
  readonly old: Buffer | undefined;
  readonly new: Buffer | undefined;
  readonly sides: Readonly<Record<Side, SideState>>;
  readonly entry: Entry;
  /** Whether the ledger has an entry at all, whatever that says by now. */
  readonly known: boolean;
  /** Whether the ledger still says that writes are announced: what came of them has to be kept before anybody writes again. */
  readonly announced: boolean;
  /** Parts that have to go first; of a document whose making or deletion was stopped. */
  readonly left_over?: readonly PartPlace[] | undefined;
  /** The _ids of the documents of parts that have _ids of their own. */
  readonly partIds: readonly unknown[];
  readonly misfit?: Misfit | undefined;
}

/** What one side holds and cannot be carried over as it is. */
export interface Misfit extends Refusal {
  readonly side: Side;
  /** Parts without the document that they belong to: once the other side has one, it may take them. */
  readonly lone: boolean;
}

/** A document of one side as it is to be written there. */
export interface SideWrite {
  readonly side: Side;
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
}

/** What is to be done with one _id. */
export type Decision =
  /** Nothing has changed since both were last in step. */
  | { readonly kind: 'nothing' }
  /**
   * Without writes both hold what they should, but the ledger does not say so yet. With `keeps_parts` a document is made for parts that were alone: they
   * stay as they are, as a later write of their side, which is carried over next.
   */
  | { readonly kind: 'write'; readonly writes: readonly SideWrite[]; readonly keeps_parts?: boolean }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** Which mapped documents a decision needs. */
export function needed({ old, new: fresh, entry: { inStep } }: Found): { forward: boolean; back: boolean } {
  if (!old || !fresh) return { forward: old !== undefined && !inStep, back: fresh !== undefined && !inStep };
  return {
    forward: documentDigest(old) !== inStep?.oldDigest,
    back: documentDigest(fresh) !== inStep?.newDigest,
  };
}

/** Mapped documents, or why there are none; undefined where they are not needed. */
export interface MappedPair {
  readonly forward: Buffer | Error | undefined;
  readonly back: Buffer | Error | undefined;
}

/**
 * Decides about one _id. What has changed on one side alone goes to the other; what has changed on both is put together field by field, and is a
 * conflict only where they contradict each other. A document deleted on one side is deleted on the other, unless it was written there since.
 */
export function decide(mapping: Mapping, parts: readonly Part[], found: Found, mapped: MappedPair): Decision {
  const { old, new: fresh, entry, misfit } = found;
  if (misfit && !(misfit.lone && !entry.inStep && (old ?? fresh))) return refuse(misfit.side, misfit.reason);
  if (mapped.forward instanceof Error) return refuse('old', mapped.forward.message);
  if (mapped.back instanceof Error) return refuse('new', mapped.back.message);
  const { inStep } = entry;
  if (misfit) return joined(parts, found, misfit, mapped);
  if (!old && !fresh) {
    const left = [leftAlone(found, 'new'), leftAlone(found, 'old')];
    return found.known || left.some((each) => each !== undefined) ? write(...left) : { kind: 'nothing' };
  }
  if (!old || !fresh) return inStep ? deleted(found, inStep) : inserted(found, mapped);
  if (!inStep) {
    const pair = { old, new: fresh, forward: mapped.forward!, back: mapped.back! };
    if (contradictions(mapping, pair).length === 0) return write();
    return refuse('both', 'both versions have inserted it, with values that contradict each other');
  }
  if (!mapped.forward && !mapped.back) return entry.refusal ? write() : { kind: 'nothing' };
  const toNew = merge(fresh, mapped.forward, inStep.new, inStep.forward);
  const toOld = merge(old, mapped.back, inStep.old, inStep.back);
  const conflicts = [...toNew.conflicts, ...trueConflicts(mapping, toOld, mapped.forward, fresh)];
  if (conflicts.length > 0) {
    const paths = [...new Set(conflicts)].join(', ');
    return refuse('both', `both versions have written ${paths}, with values that contradict each other`);
  }
  return write(change('new', fresh, toNew.document), change('old', old, toOld.document));
}

/** Conflicts on the way back whose values are the same on the way forward are none: only the old form writes them in several ways. */
function trueConflicts(mapping: Mapping, toOld: Merged, forward: Buffer | undefined, fresh: Buffer): readonly string[] {
  if (toOld.conflicts.length === 0 || !forward) return toOld.conflicts;
  const differing = differingPaths(forward, fresh).map((path) => mapping.oldPath(path));
  return toOld.conflicts.filter((path) =>
    differing.some((other) => `${other}.`.startsWith(`${path}.`) || `${path}.`.startsWith(`${other}.`)),
  );
}

function merge(target: Buffer, incoming: Buffer | undefined, lastTarget: FieldDigests, lastIncoming: FieldDigests): Merged {
  if (!incoming) return { document: target, conflicts: [] };
  return mergeFields(target, incoming, { target: lastTarget, incoming: lastIncoming });
}

/** Makes the document that parts of one side were waiting for, where the other side has no parts for it, or the same. */
function joined(parts: readonly Part[], { sides }: Found, { side }: Misfit, mapped: MappedPair): Decision {
  const after = (side === 'new' ? mapped.forward : mapped.back) as Buffer;
  for (const [index, part] of partsOfSide(parts, side).entries()) {
    const [there, comes] = [fieldsOf(part, sides[side].parts[index]), fieldsOf(part, after)];
    if (there.length === 0 || comes.length === 0) continue;
    if (there.length !== comes.length || !there.every((each) => comes.some((other) => other.equals(each))))
      return refuse('both', `both versions have written fields of ${part.collection}, with values that contradict each other`);
  }
  return { kind: 'write', writes: [{ side, before: undefined, after }], keeps_parts: true };
}

/** The parts of a document that is gone. */
function leftAlone({ sides }: Found, side: Side): SideWrite | undefined {
  const { main, parts } = sides[side];
  if (main || parts.every((each) => each === undefined)) return undefined;
  return { side, before: undefined, after: undefined };
}

function deleted(found: Found, inStep: InStep): Decision {
  const { old, new: fresh } = found;
  const left = (old ?? fresh)!;
  const side: Side = old ? 'old' : 'new';
  const unchanged = documentDigest(left) === (old ? inStep.oldDigest : inStep.newDigest);
  if (unchanged) return write({ side, before: left, after: undefined }, leftAlone(found, old ? 'new' : 'old'));
  return refuse(
    'both',
    old ? 'deleted in the new version, and written in the old one' : 'deleted in the old version, and written in the new one',
  );
}

function inserted({ old }: Found, mapped: MappedPair): Decision {
  return old
    ? write({ side: 'new', before: undefined, after: mapped.forward as Buffer })
    : write({ side: 'old', before: undefined, after: mapped.back as Buffer });
}

function change(side: Side, before: Buffer, after: Buffer): SideWrite | undefined {
  return after.equals(before) ? undefined : { side, before, after };
}

function write(...writes: readonly (SideWrite | undefined)[]): Decision {
  return { kind: 'write', writes: writes.filter((each) => each !== undefined) };
}

function refuse(side: Refusal['side'], reason: string): Decision {
  return { kind: 'refuse', refusal: { side, reason } };
}
