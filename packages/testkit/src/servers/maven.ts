import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findMaven } from './java.ts';
import { runTool } from './run-tool.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Something in a Maven repository. */
export interface MavenArtifact {
  readonly group: string;
  readonly name: string;
  readonly version: string;
  /** The kind of file. Default `jar`. */
  readonly type?: string;
  /** Tells files of one version apart, for example a platform. */
  readonly classifier?: string;
}

// Fixed, so that a first run does not take whatever the newest is.
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
// The largest archive has 947 MB.
const timeout = 30 * 60_000;

/**
 * Downloads one file through Maven (it stays in Maven's own cache too) and copies it into a folder.
 * @returns The copy's path.
 * @throws Error when there is no Maven or the file cannot be had.
 */
export async function copyArtifact(artifact: MavenArtifact, folder: string, env: Environment): Promise<string> {
  const { group, name, version, type = 'jar', classifier } = artifact;
  const coordinates = [group, name, version, type, ...(classifier === undefined ? [] : [classifier])].join(':');
  const maven = await findMaven(env);
  const args = [`${plugin}:copy`, `-Dartifact=${coordinates}`, `-DoutputDirectory=${folder}`];
  await runTool(maven, ['-B', '-q', '-Dstyle.color=never', ...args], { cwd: folder, env, timeout });
  return join(folder, `${name}-${version}${classifier === undefined ? '' : `-${classifier}`}.${type}`);
}

/**
 * Downloads a library and all it needs to run through Maven, and copies them into a folder.
 * @throws Error when there is no Maven or a library cannot be had.
 */
export async function copyLibraries({ group, name, version }: MavenArtifact, folder: string, env: Environment): Promise<void> {
  const maven = await findMaven(env);
  const pom = join(folder, 'pom.xml');
  const dependency = `<groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>`;
  await writeFile(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>polyshift</groupId>
  <artifactId>server-${name}</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies><dependency>${dependency}</dependency></dependencies>
</project>
`,
  );
  const args = [`${plugin}:copy-dependencies`, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'];
  await runTool(maven, ['-B', '-q', '-Dstyle.color=never', '-f', pom, ...args], { cwd: folder, env, timeout });
}
