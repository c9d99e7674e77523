import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonOf, runCommand } from './command-process.ts';
import { temporaryProject } from './project.ts';
import { storeProject } from './stores.ts';
import { keys, openTerminal } from './terminal.ts';

const files = {
  'migrations/0001_people.yaml':
    'operations:\n  - { type: create_collection, collection: people, data: { fields: [{ name: id, type: int64 }], key: [id] } }\n',
};

async function currentVersion(folder: string): Promise<unknown> {
  return jsonOf(await runCommand(folder, ['status', '--json']))['current_version'];
}

describe('on a terminal', () => {
  test('up shows the plan and asks; no is exit code 5 and changes nothing, yes applies', async () => {
    await using project = await storeProject('postgresql', files);
    const refusing = openTerminal();
    refusing.typeAfter(/Apply this to the store "main"\?/, keys.enter);
    expect(await refusing.run(project.folder, 'up')).toBe(5);
    expect(refusing.stderr).toMatch(/0001 people[\s\S]*create_collection on people[\s\S]*not confirmed: nothing was changed/);
    expect(await currentVersion(project.folder)).toBeNull();

    const agreeing = openTerminal();
    agreeing.typeAfter(/Apply this/, keys.left + keys.enter);
    expect(await agreeing.run(project.folder, 'up')).toBe(0);
    expect(agreeing.stdout).toMatch(/^applied {2}0001 people/);
    expect(await currentVersion(project.folder)).toBe('0001');
  });

  test('down lists what it takes back and asks; Ctrl-C is a no', async () => {
    await using project = await storeProject('postgresql', files);
    await runCommand(project.folder, ['up']);
    const refusing = openTerminal();
    refusing.typeAfter(/Take this back in the store "main"\?/, keys.interrupt);
    expect(await refusing.run(project.folder, 'down')).toBe(5);
    expect(refusing.stderr).toMatch(/0001 +people +applied +exact/);
    expect(await currentVersion(project.folder)).toBe('0001');

    const agreeing = openTerminal();
    agreeing.typeAfter(/Take this back/, keys.left + keys.enter);
    expect(await agreeing.run(project.folder, 'down')).toBe(0);
    expect(await currentVersion(project.folder)).toBeNull();
  });

  test.each([
    ['up', '--yes'],
    ['up', '--json'],
  ])('%s %s does not ask', async (...args) => {
    await using project = await storeProject('postgresql', files);
    const terminal = openTerminal();
    expect(await terminal.run(project.folder, ...args)).toBe(0);
    expect(terminal.stderr).not.toContain('?');
    expect(await currentVersion(project.folder)).toBe('0001');
  });

  test('init asks for the store, and writes nothing when it is broken off', async () => {
    await using project = await temporaryProject();
    const breaking = openTerminal();
    breaking.typeAfter(/Which store/, keys.interrupt);
    expect(await breaking.run(project.folder, 'init')).toBe(5);
    expect(existsSync(join(project.folder, 'polyshift.config.yaml'))).toBe(false);

    const choosing = openTerminal();
    choosing.typeAfter(/Which store/, `\u001b[B${keys.enter}`);
    expect(await choosing.run(project.folder, 'init')).toBe(0);
    expect(await project.read('polyshift.config.yaml')).toContain('type: postgresql');
  });
});
