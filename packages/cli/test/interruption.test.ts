import { describe, expect, test } from 'vitest';
import { jsonErrorOf, jsonOf, runCommand, startCommand } from './command-process.ts';
import { expectAdded, hurry, slowProject, underWay } from './slow-migration.ts';

describe('a run that is interrupted', { timeout: 120_000 }, () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s stops it after the batch with exit code 5; up resumes it',
    async (signal) => {
      await using project = await slowProject();
      const first = startCommand(project.folder, ['up', '--json']);
      await first.seen(underWay);
      first.child.kill(signal);
      const stopped = await first.result;
      expect(stopped.code).toBe(5);
      expect(jsonErrorOf(stopped).code).toBe('STOPPED');

      const status = jsonOf(await runCommand(project.folder, ['status', '--json']));
      expect(status).toMatchObject({ unfinished: true, lock: null, migrations: [{ state: 'running' }] });
      const doctor = await runCommand(project.folder, ['doctor']);
      expect(doctor.code).toBe(1);
      expect(doctor.stdout).toMatch(/stopped part-way[\s\S]*polyshift up[\s\S]*polyshift down/);

      await hurry(project);
      const second = await runCommand(project.folder, ['up', '--json']);
      expect(second.code).toBe(0);
      expect(second.stderr).toContain('going on where an earlier run stopped');
      await expectAdded(project, 1);
      expect((await runCommand(project.folder, ['verify'])).code).toBe(0);
    },
  );

  test('a second signal ends it at once, and it is resumable too', async () => {
    await using project = await slowProject('lease_seconds: 2\n');
    const first = startCommand(project.folder, ['up']);
    await first.seen(underWay);
    first.child.kill('SIGSTOP');
    first.child.kill('SIGINT');
    first.child.kill('SIGCONT');
    await first.seen(/stopping after the current batch/);
    first.child.kill('SIGINT');
    const ended = await first.result;
    // The first signal may have ended the run already when the second one comes.
    expect([ended.signal, ended.code]).toSatisfy(([signal, code]) => signal === 'SIGINT' || code === 5);
    await hurry(project);
    expect((await runCommand(project.folder, ['up', '--wait', '30'])).code).toBe(0);
    await expectAdded(project, 1);
  });

  test('killed in the middle: up takes over the lock when the lease has ended, and goes on', async () => {
    await using project = await slowProject('lease_seconds: 2\n');
    const first = startCommand(project.folder, ['up']);
    await first.seen(underWay);
    first.child.kill('SIGKILL');
    await first.result;
    await hurry(project);
    const second = await runCommand(project.folder, ['up', '--wait', '30', '--json']);
    expect(second.code).toBe(0);
    expect(jsonOf(second)).toMatchObject({
      store: 'main',
      to_version: '0001',
      migrations: [{ version: '0001', outcome: 'applied' }],
    });
    await expectAdded(project, 1);
  });

  test('killed in the middle: down takes back what was done', async () => {
    await using project = await slowProject('lease_seconds: 2\n');
    const first = startCommand(project.folder, ['up']);
    await first.seen(underWay);
    first.child.kill('SIGKILL');
    await first.result;
    await hurry(project);
    const second = await runCommand(project.folder, ['down', '--yes', '--wait', '30']);
    expect(second).toMatchObject({ code: 0 });
    await expectAdded(project, 0);
  });
});

describe('two runs at once', { timeout: 120_000 }, () => {
  test('the second one ends with exit code 4 and names the first; unlock ends the first; up resumes', async () => {
    await using project = await slowProject();
    const first = startCommand(project.folder, ['up']);
    await first.seen(underWay);

    const second = await runCommand(project.folder, ['up', '--json']);
    expect(second.code).toBe(4);
    expect(jsonErrorOf(second)).toMatchObject({ code: 'LOCKED', message: expect.stringContaining(`process ${first.child.pid}`) });
    expect((await runCommand(project.folder, ['status'])).stdout).toMatch(/Locked by "up"/);

    const unlock = await runCommand(project.folder, ['unlock', '--yes', '--json']);
    expect(jsonOf(unlock)).toMatchObject({ released: { holder: { pid: first.child.pid, command: 'up' } } });
    expect((await first.result).code).toBe(4);

    await hurry(project);
    expect((await runCommand(project.folder, ['up'])).code).toBe(0);
    await expectAdded(project, 1);
    expect(jsonOf(await runCommand(project.folder, ['unlock', '--yes', '--json']))).toEqual({ store: 'main', released: null });
  });

  test('--wait waits for the first to end', async () => {
    await using project = await slowProject();
    const config = await project.read('polyshift.config.yaml');
    await project.write('polyshift.config.yaml', config.replace('3000', '300'));
    const first = startCommand(project.folder, ['up']);
    await first.seen(underWay);
    const second = await runCommand(project.folder, ['up', '--wait', '60', '--json']);
    expect(second.code).toBe(0);
    expect(jsonOf(second)).toMatchObject({ migrations: [], to_version: '0001' });
    expect((await first.result).code).toBe(0);
    await expectAdded(project, 1);
  });
});
