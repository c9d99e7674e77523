import { createWriteStream } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise } from 'yauzl';

const fileTypeMask = 0o170000;
const symlinkType = 0o120000;

/**
 * Unpacks files of a zip or jar, with their executable bits and symlinks.
 * @param archive The archive's path.
 * @param folder Where to; created when missing.
 * @param place Gives a file's path inside `folder`, or undefined to leave the file out.
 * @returns How many files were unpacked.
 * @throws Error when the archive is damaged or one of its names leads out of the archive.
 */
export async function unzip(archive: string, folder: string, place: (name: string) => string | undefined): Promise<number> {
  // yauzl refuses absolute names and names with "..".
  const zip = await openPromise(archive);
  let files = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.endsWith('/') ? undefined : place(entry.fileName);
      if (name === undefined) continue;
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      const stream = await zip.openReadStreamPromise(entry);
      const mode = unixMode(entry);
      if ((mode & fileTypeMask) === symlinkType) await symlink(await text(stream), path);
      else await pipeline(stream, createWriteStream(path, { mode: mode & 0o111 ? 0o755 : 0o644 }));
      files++;
    }
  } finally {
    zip.close();
  }
  return files;
}

/** The upper half of the attributes, for archives made on Unix; 0 for others. */
function unixMode(entry: Entry): number {
  return entry.externalFileAttributes >>> 16;
}
