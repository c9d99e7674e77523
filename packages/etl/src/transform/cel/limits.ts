/** What an expression may have, at most: enough for any that people write, and too little to keep a run busy for ever or to end its stack. */
export const celLimits = { maxAstNodes: 10_000, maxDepth: 100 } as const;

/** Comprehensions inside each other, at most: each one multiplies the work by the length of its list. */
export const nestedComprehensions = 3;

const comprehensions = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

interface Node {
  readonly op?: unknown;
  readonly args?: unknown;
}

/** How many comprehensions (`all`, `exists`, `exists_one`, `map`, `filter`) stand inside each other in a syntax tree. */
export function comprehensionDepth(ast: unknown): number {
  let deepest = 0;
  const pending: { value: unknown; depth: number }[] = [{ value: ast, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (Array.isArray(value)) for (const each of value) pending.push({ value: each, depth });
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const { op, args } = value as Node;
    const isComprehension = op === 'rcall' && Array.isArray(args) && comprehensions.has(String(args[0]));
    const own = isComprehension ? depth + 1 : depth;
    deepest = Math.max(deepest, own);
    pending.push({ value: args, depth: own });
  }
  return deepest;
}
