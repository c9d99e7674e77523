import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { commandReference } from '../src/reference.ts';
import { runCommand } from './command-process.ts';

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(await runCommand(tmpdir(), ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help lists every command', async () => {
  const help = await runCommand(tmpdir(), ['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const { name, brief } of commandReference.filter((each) => !each.name.includes(' '))) {
    expect(help.stdout).toContain(name);
    expect(help.stdout).toContain(brief);
  }
  expect((await runCommand(tmpdir(), [])).stdout).toBe(help.stdout);
});

test.each(commandReference)('$name --help is what the reference says', async ({ name, usage, flags, examples }) => {
  const help = await runCommand(tmpdir(), [...name.split(' '), '--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain(usage);
  for (const { usage: flag, brief } of flags) {
    expect(help.stdout).toContain(flag);
    expect(help.stdout).toContain(brief);
  }
  for (const example of examples) expect(help.stdout).toContain(example);
});
