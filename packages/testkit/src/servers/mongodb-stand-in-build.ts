import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from './cache-dir.ts';
import { findMaven } from './java.ts';
import { runTool } from './run-tool.ts';

type Environment = Readonly<Record<string, string | undefined>>;

// The same from src/servers and from dist/servers.
const sources = fileURLToPath(new URL('../../mongodb-standin', import.meta.url));
// What the program is made of: its tests do not change it.
const inputs = ['pom.xml', join('src', 'main')];
// A first build downloads Maven's plugins and the libraries.
const buildTimeout = 5 * 60_000;

/**
 * Builds the stand-in for MongoDB with Maven, once for each state of its sources: the result stays in the cache folder
 * under a hash of them, so that later starts need no Maven.
 * @returns The folder with the built program (`target/mongodb-standin.jar` and the libraries it names).
 * @throws Error when the sources are missing, there is no Maven or the build fails.
 */
export async function builtStandIn(env: Environment): Promise<string> {
  if (!existsSync(join(sources, 'pom.xml'))) throw new Error(`its sources are missing (${sources})`);
  const cache = join(cacheDir(env), 'mongodb-standin');
  const target = join(cache, await hashOf(sources));
  if (existsSync(target)) return target;

  const maven = await findMaven(env);
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    for (const input of inputs) await cp(join(sources, input), join(draft, input), { recursive: true });
    await runTool(maven, ['-B', '-q', '-Dstyle.color=never', '-Dmaven.test.skip=true', 'package'], {
      cwd: draft,
      env,
      timeout: buildTimeout,
    });
    // Renamed as a whole, so that nobody runs half a build; whoever comes second throws his away.
    await rename(draft, target).catch((error) => {
      if (!existsSync(target)) throw error;
    });
    return target;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function hashOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => inputs.some((input) => path === input || path.startsWith(input + sep)))
    .sort();
  for (const path of files) {
    const content = await readFile(join(folder, path));
    hash.update(`${path.split(sep).join('/')}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}
