import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runMeasured } from '../lib/run-measured.mjs';

/**
 * Installs packages of Python into an environment of their own in the peers' folder, once for each list of versions, and gives the folder of its
 * programs. Throws where there is no Python, or the packages cannot be had.
 */
export async function pythonPeer(bench, name, packages) {
  const folder = await bench.peerFolder(`${name}-${packages[0].split('==')[1]}`);
  const programs = join(folder, 'venv', 'bin');
  if (!existsSync(join(programs, 'installed'))) {
    await runMeasured({ file: 'python3', args: ['-m', 'venv', join(folder, 'venv')] });
    await runMeasured({ file: join(programs, 'pip'), args: ['install', '--quiet', '--disable-pip-version-check', ...packages] });
    await runMeasured({ file: 'touch', args: [join(programs, 'installed')] });
  }
  return programs;
}
