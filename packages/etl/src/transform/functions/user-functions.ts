import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createJiti } from 'jiti';
import { type LoadedSpec, specError } from '../../spec/load-spec.ts';

/** A function of the user's module: plain values in, a plain value out (see plain-value.ts for their forms). */
type UserFunction = (...args: unknown[]) => unknown;

/** The functions that the module of a spec exports, by name. */
export type UserFunctions = ReadonlyMap<string, UserFunction>;

/** Loads the module under `functions`, TypeScript included, without a build step. Throws FILE_NOT_FOUND and INVALID_SYNTAX with the place. */
export async function loadUserFunctions(loaded: LoadedSpec): Promise<UserFunctions> {
  const named = loaded.transform?.functions;
  if (named === undefined) return new Map();
  const path = resolve(loaded.folder, named);
  const place = ['steps', loaded.index.transform, 'functions'];
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
  return new Map(
    Object.entries(exported).filter(
      (entry): entry is [string, UserFunction] => entry[0] !== 'default' && typeof entry[1] === 'function',
    ),
  );
}
