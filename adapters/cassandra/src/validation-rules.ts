import type { PortableDocument } from '@polyshift/core';
import type { Store } from './store.ts';
export async function storedViolations(
  _s: Store,
  _c: string,
): Promise<((document: PortableDocument) => readonly string[]) | undefined> {
  return undefined;
}
