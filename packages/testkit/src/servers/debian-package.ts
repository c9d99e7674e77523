import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exclusively } from './file-lock.ts';
import { findProgram } from './find-program.ts';
import { runTool } from './run-tool.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const timeout = 10 * 60_000;

/**
 * Installs packages with apt-get where this process may (root, on Debian and its kin); the package lists are updated when
 * they do not know the packages. Only name packages without a service: a test run must not start one of the system.
 * @param options.isRoot Whether this process may install. Default: whether it is root.
 * @throws Error that says what to install when this process may not.
 */
export async function installDebianPackages(
  packages: readonly string[],
  env: Environment,
  { isRoot = process.getuid?.() === 0 }: { readonly isRoot?: boolean } = {},
): Promise<void> {
  const aptGet = findProgram(['apt-get'], env);
  if (aptGet === undefined) throw new Error('it is not installed, and there is no apt-get to install it with');
  const command = `apt-get install ${packages.join(' ')}`;
  if (!isRoot) throw new Error(`it is not installed; as root: ${command}`);
  const options = {
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    timeout,
  };
  const install = [
    'install',
    '--yes',
    '--no-install-recommends',
    // Somebody else may install something at the same time.
    '-o',
    'DPkg::Lock::Timeout=300',
    ...packages,
  ];
  await exclusively(join(tmpdir(), 'polyshift-apt-get.lock'), async () => {
    try {
      await runTool(aptGet, install, options);
    } catch {
      // No lists yet, or lists that name versions which the mirror no longer has.
      await runTool(aptGet, ['update'], options);
      await runTool(aptGet, install, options);
    }
  });
}
