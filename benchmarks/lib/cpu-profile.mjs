/**
 * The functions of a profile of V8, each with its own time (not that of what it called), the longest first; waiting is left out.
 * @returns {{name: string, package: string, microseconds: number}[]}
 */
export function functionsOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map();
  for (const [index, id] of samples.entries()) {
    const { functionName, url, lineNumber } = byId.get(id);
    if (functionName === '(idle)') continue;
    const key = `${functionName} ${url} ${lineNumber}`;
    const known = times.get(key);
    if (known) known.microseconds += timeDeltas[index];
    else
      times.set(key, {
        name: functionName || 'an arrow function',
        package: packageOf(url, functionName),
        microseconds: timeDeltas[index],
      });
  }
  return [...times.values()].sort((left, right) => right.microseconds - left.microseconds);
}

function packageOf(url, name) {
  if (name === '(garbage collector)') return 'garbage collection';
  if (url === '' || url.startsWith('node:')) return 'Node';
  const inside = /\/node_modules\/(?!.*\/node_modules\/)((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (inside) return inside[1];
  const [, kind, own] = /\/(adapters|packages)\/([^/]+)\//.exec(url) ?? [];
  return own ? (kind === 'adapters' ? `@polyshift/${own}` : own === 'cli' ? 'polyshift' : `@polyshift/${own}`) : 'other';
}
