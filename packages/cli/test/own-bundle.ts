import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';

export const workspace = fileURLToPath(new URL('../../..', import.meta.url));
export const dist = join(workspace, 'packages/cli/dist');

/** Makes a bundle of a test file's own, since the one that commands run from may be made anew meanwhile; the name of its folder in `dist`. */
export function ownBundle(): string {
  const bundle = `bundle-test-${process.pid}`;
  beforeAll(() => promisify(execFile)(process.execPath, [join(workspace, 'scripts/bundle-command.mjs'), bundle]));
  afterAll(() => rm(join(dist, bundle), { recursive: true, force: true }));
  return bundle;
}
