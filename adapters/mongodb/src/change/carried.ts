import type { Document } from 'mongodb';
import { beforeField } from './image.ts';
import { isRepeatable } from './repeatable.ts';

/** Puts into a document the document itself, before anything is done to it. None of them may have a field of that name already. */
export const carryBefore: readonly Document[] = [
  { $match: { [beforeField]: { $exists: false } } },
  { $replaceWith: { $mergeObjects: ['$$ROOT', { [beforeField]: '$$ROOT' }] } },
];

/**
 * The stages of an update pipeline as stages of an aggregation over documents that carry what they were before in a field of their own: it
 * comes out unchanged, and everything else as the update would leave it. Undefined where that is not certain: for a $project, and for expressions that
 * see the whole document or may give another result the second time.
 */
export function carriedStages(stages: readonly Document[]): Document[] | undefined {
  const carried: Document[] = [];
  for (const stage of stages) {
    const [name, value] = Object.entries(stage)[0]!;
    if (name === '$unset') carried.push(stage);
    else if (!isRepeatable(value)) return undefined;
    else if (name === '$set' || name === '$addFields') carried.push(stage);
    else if (name === '$replaceWith') carried.push({ $replaceWith: carriedWith(value) });
    else if (name === '$replaceRoot') carried.push({ $replaceWith: carriedWith((value as Document)['newRoot']) });
    else return undefined;
  }
  return JSON.stringify(names(stages)).includes(beforeField) ? undefined : carried;
}

function carriedWith(root: unknown): Document {
  return { $mergeObjects: [root, { [beforeField]: `$${beforeField}` }] };
}

/** All names and texts of a value, however deep: Maps are not seen by JSON. */
function names(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(names);
  if (value instanceof Map) return [...value].map(([name, inner]) => [name, names(inner)]);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.entries(value).map(([name, inner]) => [name, names(inner)]);
  return typeof value === 'string' ? value : '';
}
