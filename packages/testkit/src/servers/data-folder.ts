import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';

/** A folder for a server's data, log and process id. */
export interface DataFolder {
  readonly path: string;
  /** Whether the folder was made for one run and is removed with it. */
  readonly temporary: boolean;
}

/**
 * Makes the folder of a server and opens it to the user the server runs as.
 * @param store Part of the name of a temporary folder.
 * @param given The folder the caller wants; kept on stop. Default: a temporary one.
 * @param user The user the server runs as. Default: the user of this process.
 * @throws Error when that user cannot get into any folder that was tried.
 */
export async function createDataFolder(store: string, given?: string, user?: UnprivilegedUser): Promise<DataFolder> {
  if (given !== undefined) {
    await mkdir(given, { recursive: true });
    if (user) await chown(given, user.uid, user.gid);
    await assertWritable(given, user);
    return { path: given, temporary: false };
  }
  // TMPDIR of root may lie in a folder which nobody else can enter.
  const parents = user ? [...new Set([tmpdir(), '/tmp', '/var/tmp'])] : [tmpdir()];
  let failure: unknown;
  for (const parent of parents) {
    try {
      const path = await mkdtemp(join(parent, `polyshift-${store}-`));
      try {
        if (user) await chown(path, user.uid, user.gid);
        await assertWritable(path, user);
        return { path, temporary: true };
      } catch (error) {
        await rm(path, { recursive: true, force: true });
        throw error;
      }
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Removes a temporary folder; one that the caller gave stays. */
export async function removeDataFolder(folder: DataFolder): Promise<void> {
  // A killed server's own children may still write for a moment.
  if (folder.temporary) await rm(folder.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

async function assertWritable(path: string, user: UnprivilegedUser | undefined): Promise<void> {
  if (!user) return;
  try {
    await runTool('/bin/sh', ['-c', 'cd "$1" && test -w .', 'sh', path], { user, cwd: '/' });
  } catch (error) {
    throw new Error(`the folder ${path} is not open to the user ${user.name}, as whom the server must run`, { cause: error });
  }
}
