import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createJiti } from 'jiti';
import { type LoadedSpec, specError } from '../../spec/load-spec.ts';

/** A function of the user's module: plain values in, a plain value out (see plain-value.ts for their forms). */
type UserFunction = (...args: unknown[]) => unknown;

/** The functions that the module of a spec exports, by name. */
export type UserFunctions = ReadonlyMap<string, UserFunction>;

/**
 * Loads the modules under `functions`, TypeScript included, without a build step. Throws FILE_NOT_FOUND and INVALID_SYNTAX with the place, and
 * INVALID_DOCUMENT where two modules export functions of one name.
 */
export async function loadUserFunctions(loaded: LoadedSpec): Promise<UserFunctions> {
  const functions = new Map<string, UserFunction>();
  const paths = new Set<string>();
  for (const { path: named, place } of loaded.modules) {
    const path = resolve(loaded.folder, named);
    if (paths.has(path)) continue;
    paths.add(path);
    for (const [name, exported] of await exportsOf(loaded, path, named, place)) {
      if (functions.has(name)) {
        throw specError(loaded, place, 'INVALID_DOCUMENT', `two modules of the spec export a function "${name}"`);
      }
      functions.set(name, exported);
    }
  }
  return functions;
}

async function exportsOf(
  loaded: LoadedSpec,
  path: string,
  named: string,
  place: readonly PropertyKey[],
): Promise<[string, UserFunction][]> {
  try {
    await access(path);
  } catch (cause) {
    throw specError(loaded, place, 'FILE_NOT_FOUND', `cannot read the module ${named}`, {
      hint: 'The path is relative to the folder of the spec.',
      cause,
    });
  }
  let exported: Record<string, unknown>;
  try {
    exported = await createJiti(import.meta.url, { interopDefault: false, moduleCache: false }).import(path);
  } catch (cause) {
    throw specError(loaded, place, 'INVALID_SYNTAX', `cannot load the module ${named}: ${(cause as Error).message}`, { cause });
  }
  return Object.entries(exported).filter(
    (entry): entry is [string, UserFunction] => entry[0] !== 'default' && typeof entry[1] === 'function',
  );
}
