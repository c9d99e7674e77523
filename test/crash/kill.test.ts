import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Adapter } from '@polyshift/core';
import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';
import { freshDatabase, loadUsers } from '@polyshift/testkit';
import { describe, expect, inject, it } from 'vitest';
import { killCommand, runCommand } from '../command/command.ts';

const rows = 6000;
const kills = 4;

const spec = `
name: users
source: { type: postgresql, url: "\${PG_URL}" }
target: { type: mongodb, url: "\${MONGO_URL}" }
steps:
  - { type: extract, source_table: users, batch_size: 500 }
  - type: transform
    transformation_rules: { _id: id, mail: mail, age: age, balance: balance, tags: tags }
  - { type: load, target_table: users, batch_size: 200 }
`;

const migrations = {
  '0001_twice.yaml': `
operations:
  - { type: migrate_data, collection: users, data: { pipeline: [ { $set: { mail: { $concat: [ $mail, "+" ] } } } ] }, batch_size: 300 }
  - { type: rename_field, collection: users, data: { old_name: mail, new_name: email }, batch_size: 300 }
  - { type: add_field, collection: users, data: { field_name: tier, type: text, default_value: gold }, conditions: { age: { gte: 40 } }, batch_size: 300 }
  - { type: create_index, collection: users, data: { name: users_email, keys: { email: 1 }, unique: true } }
  - { type: remove_field, collection: users, data: { field_name: balance }, batch_size: 300 }
`,
};

async function project(url: string, type: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-kill-'));
  await mkdir(join(folder, 'migrations'));
  await writeFile(
    join(folder, 'polyshift.config.yaml'),
    `stores:\n  main: { type: ${type}, url: ${JSON.stringify(url)} }\nmigrations: migrations\nlease_seconds: 1\n`,
  );
  await writeFile(join(folder, 'users.yaml'), spec);
  for (const [name, text] of Object.entries(migrations)) await writeFile(join(folder, 'migrations', name), text);
  return folder;
}

async function fingerprint(adapter: Adapter, url: string) {
  await using session = await adapter.connect(url);
  return await session.fingerprint('users');
}

/** Milliseconds that the undisturbed command takes: the kills are spread over them. */
async function timed(work: () => Promise<{ code: number | null; stderr: string }>): Promise<number> {
  const startedAt = performance.now();
  const { code, stderr } = await work();
  expect(code, stderr).toBe(0);
  return performance.now() - startedAt;
}

describe.each([
  { name: 'postgresql', adapter: postgresql },
  { name: 'mongodb', adapter: mongodb },
])('kill -9 of the command on $name', ({ name, adapter }) => {
  it('is resumed to the state of an undisturbed run, and taken back to the state before', { timeout: 300_000 }, async () => {
    await using source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
    await using target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') });
    await loadUsers(source.url, { rows });
    const url = name === 'postgresql' ? source.url : target.url;
    const env = { PG_URL: source.url, MONGO_URL: target.url };
    const folder = await project(url, name);
    try {
      if (name === 'mongodb') {
        const load = await runCommand(folder, env, 'etl', 'run', 'users.yaml');
        expect(load.code, load.stderr).toBe(0);
      }
      const before = await fingerprint(adapter, url);
      const duration = await timed(() => runCommand(folder, env, 'up', '--yes'));
      const after = await fingerprint(adapter, url);
      expect(after).not.toEqual(before);
      expect((await runCommand(folder, env, 'down', '--yes')).code).toBe(0);
      expect(await fingerprint(adapter, url)).toEqual(before);
      let killed = 0;
      for (let attempt = 1; attempt <= kills; attempt++) {
        if (await killCommand((duration * attempt) / (kills + 2), folder, env, 'up', '--yes')) killed++;
        if (attempt % 2 === 0) {
          const resumed = await runCommand(folder, env, 'up', '--yes', '--wait', '10');
          expect(resumed.code, resumed.stderr).toBe(0);
          expect(await fingerprint(adapter, url), `up after kill ${attempt}`).toEqual(after);
          await killCommand((duration * attempt) / (2 * kills), folder, env, 'down', '--yes');
        }
        const status = JSON.parse((await runCommand(folder, env, 'status', '--json')).stdout) as {
          migrations: { state: string }[];
        };
        if (['running', 'applied', 'rolling_back'].includes(status.migrations[0]!.state)) {
          const back = await runCommand(folder, env, 'down', '--yes', '--wait', '10');
          expect(back.code, back.stderr).toBe(0);
        }
        expect(await fingerprint(adapter, url), `down after kill ${attempt}`).toEqual(before);
      }
      expect(killed).toBeGreaterThan(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('kill -9 of a load', () => {
  it('is resumed to exactly the rows of an undisturbed load', { timeout: 300_000 }, async () => {
    await using source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
    await using target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') });
    await loadUsers(source.url, { rows: 40_000 });
    const env = { PG_URL: source.url, MONGO_URL: target.url };
    const folder = await project(target.url, 'mongodb');
    try {
      const duration = await timed(() => runCommand(folder, env, 'etl', 'run', 'users.yaml'));
      const undisturbed = await fingerprint(mongodb, target.url);
      let killed = 0;
      for (let attempt = 1; attempt <= 4; attempt++) {
        expect((await runCommand(folder, env, 'etl', 'rollback', 'users.yaml', '--yes', '--wait', '10')).code).toBe(0);
        expect(await fingerprint(mongodb, target.url)).toMatchObject({ schema: 'absent', count: 0 });
        if (await killCommand(duration * (0.3 + attempt * 0.12), folder, env, 'etl', 'run', 'users.yaml')) killed++;
        const resumed = await runCommand(folder, env, 'etl', 'run', 'users.yaml', '--wait', '10');
        expect(resumed.code, resumed.stderr).toBe(0);
        expect(await fingerprint(mongodb, target.url), `load after kill ${attempt}`).toEqual(undisturbed);
      }
      expect(killed).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
