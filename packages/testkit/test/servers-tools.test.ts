import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installDebianPackages } from '../src/servers/debian-package.ts';
import { ServerUnavailableError } from '../src/servers/errors.ts';
import { findProgram } from '../src/servers/find-program.ts';
import { findJava } from '../src/servers/java.ts';
import type { ServerStore } from '../src/servers/server.ts';
import { servers, startServer } from '../src/servers/start-server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polyshift-tools-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function script(path: string, text: string): string {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('startServer names each way for', () => {
  test.each(Object.keys(servers) as ServerStore[])('%s', async (store) => {
    const { urlVariable, image, product } = servers[store];
    const env = { PATH: folder, DOCKER_HOST: 'tcp://127.0.0.1:1' };
    const attempt = startServer(store, { env, kinds: ['environment', 'docker'] });
    await expect(attempt).rejects.toThrow(ServerUnavailableError);
    await expect(attempt).rejects.toThrow(`No ${product} server can be had here.\n  - Docker (${image}): no engine answers`);
    await expect(attempt).rejects.toThrow(`Set ${urlVariable} to the URL of a server`);
  });

  test.each([
    ['mysql', 'mysql://root:secret@127.0.0.1:1/test'],
    ['mariadb', 'mysql://root:secret@127.0.0.1:1/test'],
    ['dynamodb', 'dynamodb://local:secret@127.0.0.1:1?region=local'],
    ['cassandra', 'cassandra://u:secret@127.0.0.1:1'],
    ['redis', 'redis://:secret@127.0.0.1:1/0'],
    ['elasticsearch', 'http://u:secret@127.0.0.1:1'],
  ] as const)('%s that the environment names but that does not answer, without its password', async (store, url) => {
    const { urlVariable } = servers[store];
    const error = String(
      await startServer(store, { env: { [urlVariable]: url } }).then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    );
    expect(error).toMatch(new RegExp(`${urlVariable}: does not answer: .*(?:ECONNREFUSED|bad port)`, 's'));
    expect(error).not.toContain('secret');
  });
});

describe('findJava', () => {
  const jdk = (name: string, banner: string, modules = 'java.base@1'): string => {
    const home = join(folder, name);
    mkdirSync(join(home, 'bin'), { recursive: true });
    script(join(home, 'bin', 'java'), `case "$1" in -version) echo '${banner}' >&2;; --list-modules) echo '${modules}';; esac`);
    return home;
  };
  test('takes the first that will do, JAVA_HOME before the others', async () => {
    const old = jdk('8', 'openjdk version "1.8.0_401"');
    const seventeen = jdk('17', 'openjdk version "17.0.15" 2025-04-15');
    const newest = jdk('25', 'openjdk version "25" 2025-09-16', 'jdk.incubator.vector@25');
    const env = { PATH: join(seventeen, 'bin'), JAVA_HOME: old };
    const find = (needs: Parameters<typeof findJava>[0]) => findJava(needs, env, [old, seventeen, newest]);
    expect(await find({ minimum: 8 })).toBe(join(old, 'bin', 'java'));
    expect(await find({ minimum: 17 })).toBe('java');
    expect(await find({ minimum: 21, modules: ['jdk.incubator.vector'] })).toBe(join(newest, 'bin', 'java'));
    await expect(find({ minimum: 11, maximum: 11 })).rejects.toThrow(
      `needs Java 11 (JAVA_HOME or PATH): ${old}/bin/java is Java 8; java is Java 17; ${old}/bin/java is Java 8; `,
    );
    await expect(find({ minimum: 21, modules: ['jdk.nowhere'] })).rejects.toThrow(/\(Java 25\) lacks jdk\.nowhere$/);
  });
});

describe('installDebianPackages', () => {
  test('updates the package lists once when they do not know a package', async () => {
    const log = join(folder, 'log');
    // Fails until the lists are updated, as on a machine whose lists were never fetched.
    script(
      join(folder, 'apt-get'),
      `echo "$@" >> ${log}; case "$1" in update) : > ${folder}/lists;; install) [ -f ${folder}/lists ] || exit 100;; esac`,
    );
    await installDebianPackages(['redis-tools'], { PATH: `${folder}:${process.env['PATH']}` }, { isRoot: true });
    const calls = readFileSync(log, 'utf8').trim().split('\n');
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['install', 'update', 'install']);
    expect(calls[2]).toContain('--no-install-recommends');
    expect(calls[2]).toMatch(/ redis-tools$/);
    expect(existsSync(join(tmpdir(), 'polyshift-apt-get.lock'))).toBe(false);
  });

  test('says what to install when this is not root', async () => {
    script(join(folder, 'apt-get'), 'exit 1');
    const attempt = installDebianPackages(['redis-tools'], { PATH: folder }, { isRoot: false });
    await expect(attempt).rejects.toThrow('as root: apt-get install redis-tools');
  });
});

test('findProgram looks on the PATH first, by the best name', () => {
  const [first, second] = [join(folder, 'a'), join(folder, 'b')];
  for (const path of [first, second]) mkdirSync(path);
  script(join(first, 'spare'), '');
  const best = script(join(second, 'best'), '');
  expect(findProgram(['best', 'spare'], { PATH: `${first}:${second}` })).toBe(best);
  expect(findProgram(['none'], { PATH: first }, { system: false })).toBeUndefined();
});
