import { readFile, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';

const gibibyte = 1024 ** 3;

/**
 * Lets temporary folders of this process and of those it starts, with the data of servers in them, lie in memory instead of on a disk:
 * Elasticsearch waits for the disk a third of the time of its tests, with data that is removed at their end. Changes nothing where
 * `TMPDIR` is set, nor where there is no file system in memory that is roomy and lets programs run, as in most containers.
 */
export async function keepTemporaryFoldersInMemory(): Promise<void> {
  if (process.env['TMPDIR'] !== undefined) return;
  const folder = '/dev/shm';
  if (await isRoomyMemory(folder)) process.env['TMPDIR'] = folder;
}

async function isRoomyMemory(folder: string): Promise<boolean> {
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  const [, , type, options] =
    mounts
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, point]) => point === folder) ?? [];
  if (type !== 'tmpfs' || options === undefined || /\b(?:ro|noexec)\b/.test(options)) return false;
  const { bavail, bsize } = await statfs(folder);
  // What a file takes there is memory that nobody else has: servers of all stores take up to four, their data two more.
  return bavail * bsize > 4 * gibibyte && freemem() > 12 * gibibyte;
}
