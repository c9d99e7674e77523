import { type Check, fail, PolyshiftError } from '@polyshift/core';
import type { Store } from '../store.ts';

/** The history has the name that the requirement fixes. */
const history = 'schema_migrations';

/** Names of polyshift's own indices and aliases start with this, behind the prefix. */
const own = 'polyshift_';

/** The longest name that Elasticsearch takes, in bytes. */
const longest = 255;

/** Room that is kept for the version of the index behind an alias. */
const versionRoom = 6;

/** The index of the history. */
export function historyIndex(store: Store): string {
  return `${store.prefix}${history}`;
}

/** The index of everything else that polyshift keeps: steps, runs, checkpoints, locks, before-images. */
export function journalIndex(store: Store): string {
  return `${store.prefix}${own}journal`;
}

/** The alias or index that a collection is. Throws INVALID_DOCUMENT for a name that Elasticsearch does not take. */
export function nameOf(store: Store, collection: string): string {
  const problem = nameProblem(store, collection);
  if (problem)
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(collection)} is no name of a collection: ${problem}`);
  return store.prefix + collection;
}

/** The alias that marks an index as kept aside or being built, which hides it. */
export function markAlias(store: Store, purpose: 'aside' | 'next', aside: string): string {
  return `${store.prefix}${own}${purpose}_${aside}`;
}

/** Whether a name, with the prefix, is polyshift's own. */
export function isOwnName(store: Store, name: string): boolean {
  const bare = name.slice(store.prefix.length);
  return bare === history || bare.startsWith(own);
}

/** The name of a concrete index for a collection that is none of those taken: `users_v1`, `users_v2`, ... */
export function versionedName(store: Store, collection: string, taken: ReadonlySet<string>): string {
  const [, base, version] = /^(.*?)(?:_v(\d+))?$/s.exec(collection)!;
  const stem = `${store.prefix}${version === undefined ? collection : base}`.toLowerCase();
  for (let number = 1; ; number++) {
    const name = `${stem}_v${number}`;
    if (!taken.has(name)) return name;
  }
}

/** The check that fails where a name is not to be had. */
export function nameCheck(store: Store, collection: string): Check | undefined {
  const problem = nameProblem(store, collection);
  if (problem)
    return fail('name', `${JSON.stringify(collection)} is no name of a collection: ${problem}`, 'Choose another name.');
  if (isOwnName(store, store.prefix + collection))
    return fail('name', `${collection} is a name of polyshift`, 'Choose another name.');
  return undefined;
}

/** Why Elasticsearch does not take a name; undefined for one that it takes. */
export function nameProblem(store: Store, collection: string): string | undefined {
  const name = store.prefix + collection;
  if (/[\\/*?"<>| ,#:\n\r\t\0]/.test(collection))
    return 'Elasticsearch takes no white space and none of \\ / * ? " < > | , # : in names';
  if (/^[-_+.]/.test(name)) return 'names of Elasticsearch do not start with - _ + or .';
  if (Buffer.byteLength(name) > longest - versionRoom) return `it has more than ${longest - versionRoom} bytes with the prefix`;
  return undefined;
}
