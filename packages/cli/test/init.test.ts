import { storeNames } from '@polyshift/core';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { describe, expect, it } from 'vitest';
import { starters } from '../src/templates/starters.ts';
import { jsonOf, runCommand } from './command-process.ts';
import { temporaryProject } from './project.ts';

describe.each(storeNames)('what init writes for %s', (type) => {
  it('is a project whose first migration passes lint, is planned, applied, verified and taken back', async () => {
    const { variable, next } = starters[type];
    await using project = await temporaryProject();
    const database = await freshDatabase(await sharedServer(type), 'init');
    try {
      const run = (...args: string[]) => runCommand(project.folder, [...args, '--json'], { [variable]: database.url });
      const init = jsonOf(await run('init', '--type', type));
      expect(init).toMatchObject({ variable, kept: [] });
      expect(await project.read('polyshift.config.yaml')).toContain(`type: ${type}\n    url: "\${${variable}}"`);
      expect(await project.read('.env.example')).toContain(`${variable}=${starters[type].url}\n`);

      expect(await run('lint', 'migrations/0001_create_people.yaml')).toMatchObject({ code: 0 });
      const second = /type: (\w+)/.exec(next.operation)![1];
      expect(jsonOf(await run('plan'))).toMatchObject({
        migrations: [{ version: '0001', operations: [{ type: 'create_collection' }, { type: second }] }],
      });
      expect(jsonOf(await run('up', '--yes'))).toMatchObject({ to_version: '0001' });
      expect(jsonOf(await run('verify'))).toMatchObject({ ok: true });
      expect(jsonOf(await run('status'))).toMatchObject({ current_version: '0001' });
      expect(jsonOf(await run('down', '--yes'))).toMatchObject({ to_version: null });
    } finally {
      await database.drop();
    }
  });
});

it('offers every store that polyshift has an adapter for', async () => {
  await using project = await temporaryProject();
  const { stdout } = await runCommand(project.folder, ['init', '--help']);
  expect(/\[--type ([\w|]+)\]/.exec(stdout)![1]!.split('|').sort()).toEqual([...storeNames].sort());
});
