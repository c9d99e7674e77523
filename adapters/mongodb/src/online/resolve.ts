import { elementsOf } from '../bson/element.ts';
import { type FieldDigests, orderKey, pathKey, valueDigest } from './digests.ts';
import { documentDigest } from './document-digest.ts';
import type { SideState } from './joined.ts';
import type { Entry, InStep, Intent, PieceDigests, Side } from './ledger-entry.ts';
import { type Part, partsOfSide } from './parts.ts';

/**
 * What the entry says now that both sides have been read: announced writes that were made count, those that were not are forgotten. Where the application has
 * written such a document since, the last known state holds: nothing is lost by that, at worst a conflict is reported.
 */
export function resolved(parts: readonly Part[], entry: Entry | undefined, sides: Readonly<Record<Side, SideState>>): Entry {
  const intent = entry?.intent;
  if (!intent) return entry ?? {};
  const { intent: _intent, ...rest } = entry;
  const count = madeOf(intent, sides);
  if (count === intent.writes.length) return { inStep: intent.inStep, parts: entry.parts };
  if (count === 0 || !entry.inStep || !intent.inStep) return rest;
  return { ...rest, inStep: halfMade(parts, entry.inStep, intent, count, sides) };
}

/** A document of a part, by the place of the part among those of its version. */
export interface PartPlace {
  readonly side: Side;
  readonly part: number;
}

/**
 * Parts without their document, of a document that was being made or deleted when polyshift was stopped; undefined where there is no such stop. They have to go
 * before anything else is decided: what applications may have written again since has nothing to do with them. Where the application has written such a
 * part since, it is left out.
 */
export function leftOver(
  parts: readonly Part[],
  entry: Entry | undefined,
  sides: Readonly<Record<Side, SideState>>,
): PartPlace[] | undefined {
  const intent = entry?.intent;
  if (!intent || (entry.inStep && intent.inStep)) return undefined;
  const made = intent.writes.slice(0, madeOf(intent, sides));
  const isMain = ({ part }: PieceDigests): boolean => part === undefined;
  const deleting = !intent.inStep;
  if (made.length === intent.writes.length || !made.some((write) => isMain(write) === deleting)) return undefined;
  return intent.writes.flatMap(({ side, part, after }) => {
    const document = part === undefined ? undefined : sides[side].parts[part];
    if (part === undefined || !document || sides[side].main) return [];
    const definition = partsOfSide(parts, side)[part]!;
    const ours = deleting ? isAsIn(entry.inStep, side, definition, document) : documentDigest(document) === after;
    return ours ? [{ side, part }] : [];
  });
}

/** Whether a document of a part holds what it held when both versions were in step. */
export function isAsIn(inStep: InStep | undefined, side: Side, { fields }: Part, document: Buffer): boolean {
  if (!inStep) return false;
  const there = new Map(elementsOf(document).map((element) => [element.name, element]));
  return [...fields].every((name) => {
    const element = there.get(name);
    return (element && valueDigest(document, element)) === inStep[side].get(pathKey(name));
  });
}

/** A digest that no document has. */
const unlike = '\0'.repeat(16);

/** How many of the announced writes were made: they are made in their order, so that one which was says the same of those before it. */
function madeOf({ writes }: Intent, sides: Readonly<Record<Side, SideState>>): number {
  for (let count = writes.length; count > 0; count--) {
    const write = writes[count - 1]!;
    if (digestOf(write, sides) === write.after) return count;
  }
  return 0;
}

function digestOf({ side, part }: PieceDigests, sides: Readonly<Record<Side, SideState>>): string {
  const document = part === undefined ? sides[side].main : sides[side].parts[part];
  return document ? documentDigest(document) : '';
}

/**
 * What holds when only some of the announced writes were made: the fields that stand in no document whose write is open are in step as announced, the others
 * as before. Fields of parts are whole values in it: what is within them cannot be told apart any more.
 */
function halfMade(
  parts: readonly Part[],
  before: InStep,
  { writes, others, inStep }: Intent,
  count: number,
  sides: Readonly<Record<Side, SideState>>,
): InStep {
  const announced = inStep!;
  const open = writes.slice(count);
  const isOpen = (side: Side, part?: number): boolean => open.some((write) => write.side === side && write.part === part);
  const mainMade = !isOpen('old') && !isOpen('new');
  const made = new Map<Part, boolean>();
  for (const side of ['old', 'new'] as const) {
    const other = side === 'old' ? 'new' : 'old';
    for (const [index, part] of partsOfSide(parts, side).entries()) made.set(part, !isOpen(side, index) && !isOpen(other));
  }
  const mix = (kind: 'old' | 'new' | 'forward' | 'back'): FieldDigests => {
    const digests = new Map((mainMade ? announced : before)[kind]);
    for (const [part, partMade] of made) {
      if (partMade === mainMade) continue;
      const source = (partMade ? announced : before)[kind];
      for (const name of part.fields) {
        const digest = source.get(pathKey(name));
        if (digest === undefined) digests.delete(pathKey(name));
        else digests.set(pathKey(name), digest);
        digests.delete(orderKey(name));
      }
    }
    return digests;
  };
  // A version that nobody else has written since is as it was left, whatever is still open of it; another one is looked at again.
  const digest = (side: Side): string => {
    const own = writes.map((write, at) => ({ write, digest: at < count ? write.after : write.before }));
    const all = [...own, ...others.map((write) => ({ write, digest: write.after }))].filter(({ write }) => write.side === side);
    const { document } = sides[side];
    const asLeft = all.length > 0 && all.every((each) => digestOf(each.write, sides) === each.digest);
    return asLeft && document ? documentDigest(document) : unlike;
  };
  return {
    oldDigest: digest('old'),
    newDigest: digest('new'),
    old: mix('old'),
    new: mix('new'),
    forward: mix('forward'),
    back: mix('back'),
  };
}
