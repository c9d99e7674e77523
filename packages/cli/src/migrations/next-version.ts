import { readdir } from 'node:fs/promises';

/** Digits of the first version; later ones have as many as the newest file. */
const firstWidth = 4;

/** The version after the newest file of a folder, `0001` in one that is empty or missing; files that do not begin with digits do not count. */
export async function nextVersion(folder: string): Promise<string> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  let newest = '';
  for (const name of names) {
    const digits = /^(\d+)[_-]/.exec(name)?.[1];
    if (digits !== undefined && (newest === '' || BigInt(digits) > BigInt(newest))) newest = digits;
  }
  if (newest === '') return '1'.padStart(firstWidth, '0');
  return String(BigInt(newest) + 1n).padStart(newest.length, '0');
}

/** A name as file names have it: `Add e-mail` becomes `add_e_mail`. Empty where it has neither letters nor digits. */
export function snakeCase(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
}
