import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseEnv } from 'node:util';
import { PolyshiftError } from '@polyshift/core';

/** The variables of the process, and those of `.env` in the folder that the process does not have. Throws FILE_NOT_FOUND where `.env` cannot be read. */
export async function readEnvironment(
  folder: string,
  environment: Readonly<NodeJS.ProcessEnv>,
  cwd: string,
): Promise<Readonly<NodeJS.ProcessEnv>> {
  const path = join(folder, '.env');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return environment;
    const file = relative(cwd, path);
    throw new PolyshiftError('FILE_NOT_FOUND', `cannot read ${file}: ${(cause as Error).message}`, { place: { file }, cause });
  }
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  return { ...parseEnv(text), ...Object.fromEntries(set) };
}
