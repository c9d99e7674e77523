import type {} from '@polyshift/testkit/vitest-global-setup';
import { describe, expect, inject, test } from 'vitest';
import { jsonErrorOf, runCommand } from './command-process.ts';
import { temporaryProject } from './project.ts';

const secret = 's3cr3t-pa55';
const migration = 'operations:\n  - { type: drop_collection, collection: users, data: {} }\n';
const commands = [
  ['plan'],
  ['up'],
  ['status'],
  ['verify'],
  ['doctor'],
  ['down', '--yes'],
  ['unlock', '--yes'],
  ['finalize', '1', '--yes'],
];

/** The server of the run, with a user that it does not know. */
function unknownUser(): string {
  const url = new URL(inject('postgresqlUrl'));
  url.username = 'nobody_knows_me';
  url.password = secret;
  return url.href;
}

describe('a store that cannot be connected to is exit code 3, and its password is never shown', () => {
  test.each(commands)('%s', async (...args) => {
    await using project = await temporaryProject({
      'polyshift.config.yaml': 'stores: { main: { type: postgresql, url: "${PG_URL}", connect_timeout_ms: 5000 } }\n',
      'migrations/0001_a.yaml': migration,
    });
    const env = { PG_URL: `postgresql://app:${secret}@127.0.0.1:1/none`, POLYSHIFT_DEBUG: '1' };
    const json = await runCommand(project.folder, [...args, '--json'], env);
    expect(jsonErrorOf(json).code).toBe('CONNECTION_FAILED');
    expect(json.code).toBe(3);
    expect(json.stderr).toMatch(/^error PS2001 connection_failed: /);
    expect(json.stdout + json.stderr).not.toContain(secret);
  });

  test.each<[string, string, () => string, string]>([
    ['a user that PostgreSQL does not know', 'postgresql', unknownUser, 'AUTHENTICATION_FAILED'],
    ['a host that is none', 'postgresql', () => `postgresql://app:${secret}@host.invalid/x`, 'CONNECTION_FAILED'],
    ['MongoDB at a closed port', 'mongodb', () => `mongodb://app:${secret}@127.0.0.1:1/x`, 'CONNECTION_FAILED'],
  ])('%s', async (_case, type, url, code) => {
    await using project = await temporaryProject({
      'polyshift.config.yaml': `stores: { main: { type: ${type}, url: "\${URL}", connect_timeout_ms: 3000 } }\n`,
      'migrations/0001_a.yaml': migration,
    });
    const result = await runCommand(project.folder, ['status', '--json'], { URL: url(), POLYSHIFT_DEBUG: '1' });
    expect(jsonErrorOf(result).code).toBe(code);
    expect(result.code).toBe(3);
    expect(result.stdout + result.stderr).not.toContain(secret);
  });

  test('a URL that is no URL is not shown either', async () => {
    await using project = await temporaryProject({
      'polyshift.config.yaml': 'stores: { main: { type: postgresql, url: "${URL}" } }\n',
      'migrations/0001_a.yaml': migration,
    });
    const result = await runCommand(project.folder, ['status', '--json'], { URL: `host=x password=${secret}` });
    expect(jsonErrorOf(result).code).toBe('INVALID_DOCUMENT');
    expect(result.code).toBe(2);
    expect(result.stdout + result.stderr).not.toContain(secret);
  });
});
