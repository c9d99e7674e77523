import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runMeasured } from '../lib/run-measured.mjs';

const packages = ['migrate-mongo@14.0.7', 'mongodb@7.9.0'];

/** migrate-mongo with one migration: installs it into the peers' folder, and gives the command that runs the migration. */
export async function migrateMongo(bench, migration) {
  const folder = await bench.peerFolder('migrate-mongo-14.0.7');
  const bin = join(folder, 'node_modules', 'migrate-mongo', 'bin', 'migrate-mongo.js');
  if (!existsSync(bin)) {
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    await runMeasured({ file: 'npm', args: ['install', '--no-audit', '--no-fund', '--silent', ...packages], cwd: folder });
  }
  const cwd = await bench.folder('migrate-mongo');
  await symlink(join(folder, 'node_modules'), join(cwd, 'node_modules'));
  await mkdir(join(cwd, 'migrations'));
  await writeFile(join(cwd, 'migrations', '20260101000000-people.js'), migration);
  return {
    async command(url) {
      const { pathname } = new URL(url);
      const mongodb = { url, databaseName: pathname.slice(1), options: {} };
      const config = {
        mongodb,
        migrationsDir: 'migrations',
        changelogCollectionName: 'changelog',
        lockCollectionName: 'changelog_lock',
        lockTtl: 0,
        migrationFileExtension: '.js',
        useFileHash: false,
        moduleSystem: 'commonjs',
      };
      await writeFile(join(cwd, 'migrate-mongo-config.js'), `module.exports = ${JSON.stringify(config)};\n`);
      return { file: process.execPath, args: [bin, 'up'], cwd };
    },
  };
}
