import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { JournalKind } from '@polyshift/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../packages/cli/src/command/run-command-line.ts';
import { runCommand } from '../command/command.ts';
import { keyOf, type MatrixStore, matrixStores } from '../matrix/stores.ts';
import { openAccount } from './accounts.ts';
import { password, rawPassword, secretsIn } from './secret.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-secrets-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true }));
const write = async (name: string, text: string) => {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), text);
};

/** The command in this process, which starts much faster: what it writes, and its exit code. */
async function runHere(env: Record<string, string>, ...args: string[]) {
  const texts = ['', ''];
  const stream = (at: 0 | 1) =>
    new Writable({
      write(chunk, _encoding, done) {
        texts[at] += String(chunk);
        done();
      },
    }) as NodeJS.WriteStream;
  const host = {
    cwd: folder,
    environment: { ...process.env, ...env },
    stdin: process.stdin,
    stdout: stream(0),
    stderr: stream(1),
  };
  const code = await runCommandLine(args, host);
  return { code, stdout: texts[0]!, stderr: texts[1]! };
}

/**
 * Runs the command in the folder, with stack traces, and holds what it says against the secret; for PostgreSQL as a user does. Gives its
 * exit code and output.
 */
async function polyshift({ server }: MatrixStore, given: Record<string, string>, ...args: string[]) {
  const env = { POLYSHIFT_DEBUG: '1', ...given };
  const result = await (server === 'postgresql' ? runCommand(folder, env, ...args) : runHere(env, ...args));
  expect(secretsIn(result.stdout + result.stderr), `${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toEqual([]);
  return result;
}

const config = (type: string, timeout = 10_000) =>
  `stores:\n  main: { type: ${type}, url: "\${STORE_URL}", connect_timeout_ms: ${timeout} }\n`;
const people = (key: string) => `operations:
  - type: create_collection
    collection: people
    data: { fields: [{ name: ${key}, type: int32, nullable: false }, { name: name, type: text }], key: [${key}] }
  - { type: load, collection: people, data: { rows: [{ ${key}: 1, name: Ann }, { ${key}: 2, name: Bob }], key: [${key}] } }
`;
const failing = 'operations:\n  - { type: remove_field, collection: nowhere, data: { field_name: x } }\n';
const spec = (key: string) => `name: copy
source: { store: main }
target: { type: TYPE, url: "\${STORE_URL}", options: { connect_timeout_ms: 5000 } }
max_rejected: 1
steps:
  - { type: extract, source_table: people }
  - type: transform
    transformation_rules: { ${key}: ${key}, name: { type: expression, expression: "name == 'Bob' ? name.substring(9) : name" } }
  - { type: load, target_table: copied, key: [${key}] }
`;

/** Everything in the folder that the command has written: dead letters, reports. */
async function written(): Promise<string> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ndjson'));
  return (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}

/** All that the journal of a store keeps. */
async function journalOf({ adapter }: MatrixStore, url: string): Promise<string> {
  await using session = await adapter.connect(url);
  const kinds: JournalKind[] = ['history', 'step', 'run', 'checkpoint'];
  const records = await Promise.all(kinds.map((kind) => session.journal.list(kind)));
  expect(records[0]!.length).toBeGreaterThan(0);
  return JSON.stringify(records);
}

describe.each(matrixStores)('the password of $server', (store) => {
  const { type, key } = { type: store.adapter.store, key: keyOf(store.adapter) };

  it('is in nothing that commands say or write, whether they pass or fail', async () => {
    await using account = await openAccount(store.server, folder);
    await write('polyshift.config.yaml', config(type));
    // In a file, as people keep it; its quotes take everything but themselves.
    await write('.env', `STORE_URL='${account.url}'\n`);
    await write('migrations/0001_people.yaml', people(key));
    await write('copy.yaml', spec(key).replace('TYPE', type));
    const up = await polyshift(store, {}, 'up', '--json');
    expect(up.code, up.stderr).toBe(0);
    const load = await polyshift(store, {}, 'etl', 'run', 'copy.yaml', '--json');
    expect(load.code, load.stderr).toBe(0);
    await polyshift(store, {}, 'etl', 'retry-dead-letters', 'copy.yaml');
    await write('migrations/0002_failing.yaml', failing);
    expect((await polyshift(store, {}, 'up')).code).not.toBe(0);
    expect(secretsIn(await journalOf(store, account.url))).toEqual([]);
    await polyshift(store, {}, 'doctor', '--json');
    await polyshift(store, {}, 'etl', 'rollback', 'copy.yaml', '--yes');
    expect(secretsIn(await written())).toEqual([]);
  });

  it('is in no error of a connection', async () => {
    await using account = await openAccount(store.server, folder);
    await write('polyshift.config.yaml', config(type, 1500));
    await write('migrations/0001_people.yaml', people(key));
    // Whom no server knows, with a password in the place for it on every store.
    const url = account.url.replace(/:\/\/(?:[^@/]*@)?/, `://stranger:${encodeURIComponent(password)}@`);
    const { port } = new URL(url);
    const wrong = [
      ...(account.checked ? [url, account.url.replace('s3cr3t', 'wr0ng-s3cr3t')] : []),
      ...(store.server === 'mongodb' ? [url] : []),
      url.replace(`:${port}`, ':1'),
      url.replace('127.0.0.1', 'host.invalid'),
      url.replace('127.0.0.1', '127.0.0.1:x'),
      url.replace(encodeURIComponent(password), rawPassword),
    ];
    for (const url of new Set(wrong))
      expect((await polyshift(store, { STORE_URL: url }, 'status', '--json')).code, url).not.toBe(0);
  });
});

/** Stores that can print their rollback, whose servers know the password; each command with the code that it ends with. */
it.each(matrixStores.filter(({ server }) => ['postgresql', 'mysql', 'redis'].includes(server)))(
  'the password of $server is in nothing that the other commands say, whether they pass or fail',
  async (store) => {
    const { type, key } = { type: store.adapter.store, key: keyOf(store.adapter) };
    await using account = await openAccount(store.server, folder);
    await write('polyshift.config.yaml', config(type));
    await write('.env', `STORE_URL='${account.url}'\n`);
    await write('migrations/0001_people.yaml', people(key));
    await write('copy.yaml', spec(key).replace('TYPE', type));
    const says = async (code: number, ...args: string[]) => {
      const result = await runHere({ POLYSHIFT_DEBUG: '1' }, ...args);
      const said = `${args.join(' ')}\n${result.stdout}\n${result.stderr}`;
      expect(secretsIn(result.stdout + result.stderr), said).toEqual([]);
      expect(result.code, said).toBe(code);
    };
    const changed = people(key).replace('Ann', 'Eve');
    for (const form of [[], ['--json']]) {
      await says(0, 'plan', ...form);
      await says(0, 'lint', ...form);
      await says(0, 'up', ...form);
      await says(0, 'verify', ...form);
      await says(0, 'etl', 'plan', 'copy.yaml', ...form);
      await says(0, 'etl', 'run', 'copy.yaml', ...form);
      await says(0, 'etl', 'verify', 'copy.yaml', ...form);
      await says(0, 'etl', 'rollback', 'copy.yaml', '--yes', ...form);
      await says(store.server === 'redis' ? 1 : 0, 'down', '--print', ...form);
      await write('migrations/0001_people.yaml', changed);
      await says(1, 'verify', ...form);
      await says(0, 'repair', 'all', '--reason', 'changed', '--yes', ...form);
      await write('migrations/0001_people.yaml', people(key));
      await says(0, 'repair', '0001', '--reason', 'changed back', '--yes', ...form);
      await says(0, 'unlock', '--yes', ...form);
      await says(0, 'down', '--yes', ...form);
      await says(0, 'baseline', '0001', '--reason', 'it was there', '--yes', ...form);
      await says(0, 'repair', 'all', '--reason', 'none', '--yes', ...form);
      await says(0, 'finalize', '0001', '--yes', ...form);
      await says(0, 'down', '--yes', ...form);
    }
  },
);

it('a password among the options of a driver is in nothing either, and neither is one of a parameter', async () => {
  const url = 'postgresql://app@127.0.0.1:1/none';
  const stores = `
  option: { type: postgresql, url: "${url}", driver: { password: ${JSON.stringify(password)} } }
  key: { type: postgresql, url: "${url}", driver: { ssl: { ca: x, key: ${JSON.stringify(password)} } } }
  parameter: { type: postgresql, url: "${url}?password=${encodeURIComponent(password)}" }
  token: { type: elasticsearch, url: "http://127.0.0.1:1", driver: { auth: { apiKey: ${JSON.stringify(password)} } } }
  session: { type: dynamodb, url: "dynamodb://k:s@127.0.0.1:1?session_token=${encodeURIComponent(password)}" }
`;
  await write('polyshift.config.yaml', `stores:${stores}`);
  await write('migrations/0001_people.yaml', people('id'));
  const store = matrixStores.find(({ server }) => server === 'mysql')!;
  for (const name of ['option', 'key', 'parameter', 'token', 'session'])
    expect((await polyshift(store, {}, 'status', '--json', '--store', name)).code, name).not.toBe(0);
});
