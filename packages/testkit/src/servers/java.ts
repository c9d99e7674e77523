import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds a JVM: the one in `JAVA_HOME`, else the one on the PATH.
 * @param minimum The oldest major version that will do.
 * @returns The command to run it.
 * @throws Error that says what was tried.
 */
export async function findJava(minimum: number, env: Environment): Promise<string> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const tried: string[] = [];
  const home = env['JAVA_HOME'];
  for (const command of [...(home ? [join(home, 'bin', `java${suffix}`)] : []), 'java']) {
    try {
      // For example: openjdk version "17.0.15" 2025-04-15. Versions before 9 read 1.8.
      const banner = await runTool(command, ['-version'], { env });
      const major = Number(/version "(?:1\.)?(\d+)/.exec(banner)?.[1]);
      if (major >= minimum) return command;
      tried.push(`${command} is Java ${major}`);
    } catch {
      tried.push(`${command} cannot be run`);
    }
  }
  throw new Error(`needs Java ${minimum} or newer (JAVA_HOME or PATH): ${tried.join('; ')}`);
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
    throw new Error(`needs Maven to build it the first time (MAVEN_HOME or PATH): ${command} cannot be run`, { cause: error });
  }
}
