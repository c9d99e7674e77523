import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runMeasured } from '../lib/run-measured.mjs';

const version = 'v0.16.2';

/** pgroll: the one on the PATH, else installed by Go into the peers' folder. Throws where neither is to be had. */
export async function pgroll(bench) {
  const file = spawnSync('pgroll', ['--version']).error ? await installed(bench) : 'pgroll';
  const to = (url) => ['--postgres-url', `${url}?sslmode=disable`];
  return {
    /** Makes its tables in a database, and tells it of the table that is there. */
    async prepare(url) {
      const cwd = await bench.folder('pgroll');
      await runMeasured({ file, args: ['init', ...to(url)] });
      await runMeasured({ file, args: ['baseline', '00_users', cwd, '--yes', ...to(url)] });
    },
    /** The command that makes the new version of the schema and fills it, with no pause between batches. */
    async command(url, operation, batchSize) {
      const migration = join(await bench.folder('pgroll'), '01_change.yaml');
      await writeFile(migration, JSON.stringify({ operations: [operation] }));
      const pace = ['--backfill-batch-size', String(batchSize), '--backfill-batch-delay', '0s'];
      return { file, args: ['start', migration, ...pace, ...to(url)] };
    },
  };
}

async function installed(bench) {
  const folder = await bench.peerFolder(`pgroll-${version}`);
  const file = join(folder, 'bin', 'pgroll');
  if (existsSync(file)) return file;
  const go = spawnSync('go', ['version']);
  if (go.error) throw new Error('there is neither pgroll nor Go on the PATH');
  const env = { GOPATH: join(folder, 'go'), GOBIN: join(folder, 'bin'), GOFLAGS: '-mod=mod -modcacherw' };
  const result = spawnSync('go', ['install', `github.com/xataio/pgroll@${version}`], { env: { ...process.env, ...env } });
  // Lines of what is downloaded come before what went wrong; hosts are no business of the report.
  const words = String(result.stderr).trim().split('\n').slice(-2).join(' ');
  if (result.status !== 0) throw new Error(`go install: ${words.replace(/https?:\S+/g, '').replace(/\s+/g, ' ')}`);
  return file;
}
