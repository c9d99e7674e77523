/** What the new version of a collection is called where it keeps a name of its own and the operation gives none: `users_v0002`. */
export function defaultNewCollection(collection: string, version: string): string {
  return `${collection}_v${version}`;
}
