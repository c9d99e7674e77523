import { describe, expect, it, test } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import { queueEngine } from '../src/etl/engine.ts';
import { ownSpecs } from '../src/etl/own-specs.ts';
import { runInProcess } from './command-in-process.ts';
import { jsonErrorOf } from './command-process.ts';
import { temporaryProject } from './project.ts';

const stores = 'stores:\n  main: { type: postgresql, url: "postgresql://nobody@127.0.0.1:1/none" }\n';
const spec = `name: users
source: { store: main }
target: { store: main }
steps: [{ type: extract, source_table: users }, { type: load, target_table: copies }]
`;

describe('polyshift worker', () => {
  it.each([
    ['no engine', '', 'INVALID_DOCUMENT', undefined],
    ['the local one', 'engine: local\n', 'INVALID_DOCUMENT', 3],
    ['one that nobody knows', 'engine: { type: kafka }\n', 'INVALID_DOCUMENT', 3],
    ['a URL that the environment has not', 'engine: { type: bullmq, redis: "${NO_SUCH_REDIS}" }\n', 'MISSING_ENVIRONMENT', 3],
    [
      'a Redis that is not there',
      'engine: { type: bullmq, redis: "redis://:hidden@127.0.0.1:1" }\n',
      'CONNECTION_FAILED',
      undefined,
    ],
  ])('with %s says so', async (_what, engine, code, line) => {
    await using project = await temporaryProject({ 'polyshift.config.yaml': stores + engine });
    const result = await runInProcess(project.folder, ['worker', '--json']);
    const error = jsonErrorOf(result);
    expect(error.code).toBe(code);
    if (line !== undefined) expect(error.place?.line).toBe(line);
    expect(result.stdout + result.stderr).not.toContain('hidden');
  });

  test('what a job names outside of the folder of the configuration is not read', async () => {
    await using project = await temporaryProject({
      'inside/polyshift.config.yaml': stores,
      'inside/etl/users.yaml': spec,
      'outside.ts': 'throw new Error("this was run");',
    });
    const folder = `${project.folder}/inside`;
    const config = await loadConfig({ cwd: folder, environment: {}, file: undefined });
    const own = ownSpecs(config, folder, () => undefined);
    expect((await own('etl/users.yaml')).loaded.spec.name).toBe('users');
    for (const path of ['../outside.ts', `${project.folder}/outside.ts`, 'etl/../../outside.ts']) {
      await expect(own(path)).rejects.toMatchObject({
        code: 'FILE_NOT_FOUND',
        message: expect.stringContaining('outside the folder'),
      });
    }
  });

  test('the settings of the queue have the environment filled in, and the local engine has none', async () => {
    const engine = 'engine: { type: bullmq, redis: "${QUEUE_URL}", chunks: 64, rows_per_second: 1e4 }\n';
    await using project = await temporaryProject({ 'polyshift.config.yaml': stores + engine });
    const read = async () =>
      queueEngine(await loadConfig({ cwd: project.folder, environment: { QUEUE_URL: 'redis://here' }, file: undefined }));
    expect(await read()).toEqual({ type: 'bullmq', redis: 'redis://here', chunks: 64, rows_per_second: 10_000 });
    await project.write('polyshift.config.yaml', `${stores}engine: local\n`);
    expect(await read()).toBeUndefined();
  });
});
