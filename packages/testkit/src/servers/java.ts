import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';
import type { ServerOptions } from './server.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a server wants of its JVM. */
export interface JavaNeeds {
  /** The oldest major version that will do. */
  readonly minimum: number;
  /** The newest major version that will do. Default: any. */
  readonly maximum?: number;
  /** Modules the JVM must have, for example `jdk.incubator.vector`. */
  readonly modules?: readonly string[];
}

const suffix = process.platform === 'win32' ? '.exe' : '';

/**
 * Finds a JVM: the one in `JAVA_HOME`, the one on the PATH, or one where JDKs are usually installed.
 * @param installed The folders of other JDKs. Default: those of this machine.
 * @returns The command to run it.
 * @throws Error that says what is needed and what was tried.
 */
export async function findJava(needs: JavaNeeds, env: Environment, installed = installedJdks(env)): Promise<string> {
  const { minimum, maximum = Number.POSITIVE_INFINITY, modules = [] } = needs;
  const home = env['JAVA_HOME'];
  const commands = [...(home ? [home] : []), ...installed].map((folder) => join(folder, 'bin', `java${suffix}`));
  if (home) commands.splice(1, 0, 'java');
  else commands.unshift('java');
  const tried: string[] = [];
  for (const command of commands) {
    try {
      // For example: openjdk version "17.0.15" 2025-04-15. Versions before 9 read 1.8.
      const banner = await runTool(command, ['-version'], { env });
      const major = Number(/version "(?:1\.)?(\d+)/.exec(banner)?.[1]);
      if (!(major >= minimum && major <= maximum)) {
        tried.push(`${command} is Java ${major}`);
        continue;
      }
      const missing = modules.length === 0 ? [] : await missingModules(command, modules, env);
      if (missing.length === 0) return command;
      tried.push(`${command} (Java ${major}) lacks ${missing.join(', ')}`);
    } catch {
      tried.push(`${command} cannot be run`);
    }
  }
  const versions =
    needs.maximum === undefined ? `${minimum} or newer` : minimum === maximum ? minimum : `${minimum} to ${maximum}`;
  const wanted = `Java ${versions}${modules.length > 0 ? ` with ${modules.join(', ')}` : ''}`;
  throw new Error(`needs ${wanted} (JAVA_HOME or PATH): ${tried.join('; ')}`);
}

async function missingModules(command: string, modules: readonly string[], env: Environment): Promise<string[]> {
  const list = await runTool(command, ['--list-modules'], { env });
  const present = new Set(list.split('\n').map((line) => line.split('@')[0]));
  return modules.filter((module) => !present.has(module));
}

/** The folders of the JDKs that packages, installers and SDKMAN put on this machine. */
function installedJdks(env: Environment): string[] {
  const parents: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    linux: ['/usr/lib/jvm', '/opt/java'],
    darwin: ['/Library/Java/JavaVirtualMachines'],
    win32: [join(env['ProgramFiles'] ?? '', 'Java'), join(env['ProgramFiles'] ?? '', 'Eclipse Adoptium')],
  };
  const folders = [...(parents[process.platform] ?? []), join(env['HOME'] || homedir(), '.sdkman/candidates/java')];
  const homes = folders
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []))
    .map((folder) => (process.platform === 'darwin' ? join(folder, 'Contents/Home') : folder))
    .filter((folder) => existsSync(join(folder, 'bin', `java${suffix}`)));
  // Linux packages add symlinks under other names.
  return [...new Set(homes.map((folder) => realpathSync(folder)))];
}

/**
 * Finds Maven: the one in `MAVEN_HOME`, else `mvn` on the PATH.
 * @throws Error when there is none.
 */
export async function findMaven(env: Environment): Promise<string> {
  const name = process.platform === 'win32' ? 'mvn.cmd' : 'mvn';
  const home = env['MAVEN_HOME'];
  const command = home && existsSync(join(home, 'bin', name)) ? join(home, 'bin', name) : name;
  try {
    await runTool(command, ['-v'], { env });
    return command;
  } catch (error) {
    throw new Error(`needs Maven the first time (MAVEN_HOME or PATH): ${command} cannot be run`, { cause: error });
  }
}

/** The compilers of a server's JVM: the quick one alone, which starts in half the time, or both for one that works for long. */
export function jvmCompilers({ longLived = false }: Pick<ServerOptions, 'longLived'>): string[] {
  return longLived ? [] : ['-XX:TieredStopAtLevel=1'];
}
