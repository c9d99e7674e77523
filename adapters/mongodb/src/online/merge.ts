import { documentElement, documentOf, elementBytes, sameValue } from '../bson/build-document.ts';
import { bsonType, type Element, elementsOf } from '../bson/element.ts';
import { childPath, type FieldDigests, orderDigest, orderKey, pathKey, valueDigest } from './digests.ts';

/** What carrying over one document comes to. */
export interface Merged {
  /** The document as it is to be. */
  readonly document: Buffer;
  /** Paths of fields that both sides have changed to different values since they were last in step. */
  readonly conflicts: readonly string[];
}

/** What both sides held when they were last in step. */
interface Last {
  readonly target: FieldDigests;
  readonly incoming: FieldDigests;
}

/**
 * Carries what has changed on one side over to the other, field by field, within documents too: a field whose mapped value is still what it was when both
 * were last in step keeps what the target has, so that values which only the target knows (fields of its own, digits that the other side cannot
 * hold) survive writes to other fields.
 *
 * @param target the document as it is on the side that is written
 * @param incoming the document of the other side, mapped
 * @param last the target's fields when both were last in step, and the mapped fields then
 */
export function mergeFields(target: Buffer, incoming: Buffer, last: Last): Merged {
  const conflicts: string[] = [];
  const document = target.equals(incoming) ? target : mergeLevel(target, 0, incoming, 0, '', last, conflicts);
  return { document: document.equals(target) ? target : document, conflicts };
}

/** Merges the documents that start at two offsets, which stand at the same path. */
function mergeLevel(
  target: Buffer,
  targetAt: number,
  incoming: Buffer,
  incomingAt: number,
  path: string,
  last: Last,
  conflicts: string[],
): Buffer {
  const [own, other] = [elementsOf(target, targetAt), elementsOf(incoming, incomingAt)];
  const [there, came] = [byName(own), byName(other)];
  const result = new Map<string, Buffer>();
  let same = true;
  for (const name of new Set([...there.keys(), ...came.keys()])) {
    const merged = mergeField(name, there.get(name), came.get(name));
    if (merged) result.set(name, merged);
    const arrived = came.get(name);
    same &&= arrived ? merged?.equals(elementBytes(incoming, arrived)) === true : merged === undefined;
  }
  const order = orderKey(path);
  const reordered = orderDigest(other) !== last.incoming.get(order);
  const asLeft = orderDigest(own) === last.target.get(order);
  // With the same fields and values on both sides the order of the fields is carried over too.
  const names = same && reordered && asLeft ? [...came.keys()] : [...result.keys()];
  return documentOf(names.map((name) => result.get(name)!));

  function mergeField(name: string, mine: Element | undefined, theirs: Element | undefined): Buffer | undefined {
    const kept = mine && elementBytes(target, mine);
    if (path === '' && name === '_id') return kept;
    if (mine && theirs && sameValue(target, mine, incoming, theirs)) return kept;
    const own = childPath(path, name);
    const lookedInto = last.incoming.has(orderKey(own)) && last.target.has(orderKey(own));
    if (mine?.type === bsonType.object && theirs?.type === bsonType.object && lookedInto) {
      const inner = mergeLevel(target, mine.value, incoming, theirs.value, own, last, conflicts);
      return documentElement(name, bsonType.object, inner);
    }
    const key = pathKey(own);
    const changed = (theirs && valueDigest(incoming, theirs)) !== last.incoming.get(key);
    if (!changed) return kept;
    if ((mine && valueDigest(target, mine)) !== last.target.get(key)) conflicts.push(own.replaceAll('\0', '.'));
    return theirs && elementBytes(incoming, theirs);
  }
}

/** The paths at which two documents differ: the innermost ones within documents that both have. */
export function differingPaths(left: Buffer, right: Buffer, leftAt = 0, rightAt = 0, path = ''): string[] {
  const [mine, theirs] = [byName(elementsOf(left, leftAt)), byName(elementsOf(right, rightAt))];
  return [...new Set([...mine.keys(), ...theirs.keys()])].flatMap((name) => {
    const [a, b] = [mine.get(name), theirs.get(name)];
    const own = path === '' ? name : `${path}.${name}`;
    if (!a || !b) return [own];
    if (sameValue(left, a, right, b)) return [];
    const documents = a.type === bsonType.object && b.type === bsonType.object;
    return documents ? differingPaths(left, right, a.value, b.value, own) : [own];
  });
}

function byName(elements: readonly Element[]): Map<string, Element> {
  return new Map(elements.map((element) => [element.name, element]));
}
