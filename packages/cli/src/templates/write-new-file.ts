import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { PolyshiftError } from '@polyshift/core';

/** Writes a file unless it is there; gives whether it was written. Folders are made. Throws FILE_NOT_FOUND where the folder cannot be written. */
export async function writeNewFile(path: string, text: string, cwd: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    const file = relative(cwd, path);
    throw new PolyshiftError('FILE_NOT_FOUND', `cannot write ${file}: ${(cause as Error).message}`, { place: { file }, cause });
  }
}
