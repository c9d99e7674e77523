import { documentOf, elementBytes, sameValue } from '../bson/build-document.ts';
import { type Element, elementsOf } from '../bson/element.ts';
import type { Image } from './image.ts';

/**
 * The document that rollback leaves where the application has written since: each top-level field that the change has touched and that
 * still holds what the change gave it goes back; every other field keeps the application's value. Fields of the before-image stand in its
 * order, those that the application has added behind them. Undefined where nothing is to be done.
 */
export function mergeBack(image: Image, current: Buffer): Buffer | undefined {
  const { before, after } = image;
  if (!before || current.equals(before)) return undefined;
  if (current.equals(after)) return before;
  const [old, changed, now] = [byName(before), byName(after), byName(current)];
  let reverted = false;
  const kept = new Map<string, Buffer>();
  for (const [name, element] of now) {
    const was = old.get(name);
    const became = changed.get(name);
    const touched = became !== undefined && !(was && sameValue(before, was, after, became));
    if (!touched || !sameValue(current, element, after, became)) {
      kept.set(name, elementBytes(current, element));
      continue;
    }
    reverted = true;
    if (was) kept.set(name, elementBytes(before, was));
  }
  for (const [name, was] of old) {
    // Removed by the change, and not set by the application since.
    if (!changed.has(name) && !now.has(name)) {
      kept.set(name, elementBytes(before, was));
      reverted = true;
    }
  }
  if (!reverted) return undefined;
  const order = [...old.keys()].filter((name) => kept.has(name));
  const added = [...kept.keys()].filter((name) => !old.has(name));
  return documentOf([...order, ...added].map((name) => kept.get(name)!));
}

/** Whether a change was applied to a document before the application wrote on it, judged by the fields that it touches. */
export function wasApplied(image: Image, current: Buffer): 'applied' | 'not_applied' | 'unclear' {
  const { before, after } = image;
  if (current.equals(after)) return 'applied';
  if (!before || current.equals(before)) return 'not_applied';
  const [old, changed, now] = [byName(before), byName(after), byName(current)];
  let like = { before: true, after: true };
  for (const name of new Set([...old.keys(), ...changed.keys()])) {
    const [was, became, is] = [old.get(name), changed.get(name), now.get(name)];
    if (equal(before, was, after, became)) continue;
    like = { before: like.before && equal(before, was, current, is), after: like.after && equal(after, became, current, is) };
  }
  if (like.after === like.before) return 'unclear';
  return like.after ? 'applied' : 'not_applied';
}

function equal(left: Buffer, a: Element | undefined, right: Buffer, b: Element | undefined): boolean {
  return a && b ? sameValue(left, a, right, b) : a === b;
}

function byName(document: Buffer): Map<string, Element> {
  return new Map(elementsOf(document).map((element) => [element.name, element]));
}
