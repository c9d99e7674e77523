import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

// Servers are often here, where only root's PATH leads.
const systemFolders = process.platform === 'win32' ? [] : ['/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin', '/usr/local/bin'];

/**
 * Finds a program on the PATH, or else where servers are usually installed.
 * @param names The program's names, best first.
 * @param options.system Whether to look outside the PATH too. Default true.
 * @returns Its path, or undefined.
 */
export function findProgram(
  names: readonly string[],
  env: Environment,
  { system = true }: { readonly system?: boolean } = {},
): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const folders = [...new Set([...onPath, ...(system ? systemFolders : [])])];
  return names.flatMap((name) => folders.map((folder) => join(folder, `${name}${suffix}`))).find((path) => existsSync(path));
}
