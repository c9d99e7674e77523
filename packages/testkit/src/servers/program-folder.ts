import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from './cache-dir.ts';
import { exclusively } from './file-lock.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A folder with a server's programs that is made once and kept for later runs: in the cache folder, or in
 * `/var/cache/polyshift` where root runs the server as another user, since root's own cache is closed to others.
 * @param name The folder's name; holds the version, so that another version gets another folder.
 * @param make Fills the folder it is given. Runs in one process at a time.
 * @returns The folder's path.
 * @throws what `make` throws; nothing is left behind then.
 */
export async function programFolder(
  name: string,
  make: (folder: string) => Promise<void>,
  { env, user }: { readonly env: Environment; readonly user?: UnprivilegedUser | undefined },
): Promise<string> {
  const cache = user ? '/var/cache/polyshift' : cacheDir(env);
  const target = join(cache, name);
  if (existsSync(target)) return target;
  return await exclusively(join(cache, `${name}.lock`), async () => {
    if (existsSync(target)) return target;
    const prefix = `draft-${name}-`;
    // Of a process that was killed on the way: a gigabyte, perhaps.
    const abandoned = (await readdir(cache)).filter((entry) => entry.startsWith(prefix));
    for (const entry of abandoned) await rm(join(cache, entry), { recursive: true, force: true });
    const draft = await mkdtemp(join(cache, prefix));
    try {
      await chmod(draft, 0o755);
      const folder = join(draft, name);
      await mkdir(folder);
      await make(folder);
      // Renamed as a whole, so that nobody sees half of it.
      await rename(folder, target).catch((error) => {
        if (!existsSync(target)) throw error;
      });
      return target;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}
