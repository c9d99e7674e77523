import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a package exports. */
export type Module = Readonly<Record<string, unknown>>;

/**
 * Imports a package: that of the project in this folder, else that which the command itself has; undefined where there is none. Throws what the loading of a package
 * throws that is there.
 */
export async function importFromProject(name: string, folder: string): Promise<Module | undefined> {
  const url = resolveFrom(createRequire(join(folder, 'package.json')), name);
  if (url !== undefined) return (await import(url)) as Module;
  try {
    return (await import(name)) as Module;
  } catch (error) {
    if (!isMissing(error, name)) throw error;
  }
  const path = await resolveAsModule(folder, name);
  return path === undefined ? undefined : ((await import(path)) as Module);
}

/** The URL of a package as it is seen from a file; undefined where it sees none. */
export function resolveFrom(require: NodeJS.Require, name: string): string | undefined {
  try {
    return pathToFileURL(require.resolve(name)).href;
  } catch {
    return undefined;
  }
}

/** For packages that `require` cannot see because they export for `import` alone. Costs the loading of a resolver, so it comes last. */
async function resolveAsModule(folder: string, name: string): Promise<string | undefined> {
  const { createJiti } = await import('jiti');
  return createJiti(join(folder, 'package.json')).esmResolve(name, { try: true });
}

/** Whether an import failed because the package itself is not there, and not one that it needs. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_INVALID_MODULE_SPECIFIER' || code === 'ERR_UNSUPPORTED_ESM_URL_SCHEME') return true;
  return code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`);
}
