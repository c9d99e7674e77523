import { defineCommand } from '../command/define-command.ts';

/** `polyshift worker` */
export const workerCommand = defineCommand({
  name: 'worker',
  brief: 'run chunks of loads that `etl run` has put into the queue',
  description:
    'Takes chunks of ETL loads from the queue that `engine` of the configuration names, on this machine, until SIGINT or SIGTERM. Any number of workers can be at work, on any number of machines: each needs the same configuration, specs and functions as the process of `etl run`, and reaches both stores and Redis. A chunk is written under a lock of its own in the target, so that a worker that was believed dead writes nothing any more once another has taken over. On a signal chunks end after the writes in flight and go back into the queue; the exit code is 0.',
  flags: {
    concurrency: {
      kind: 'number',
      placeholder: 'N',
      minimum: 1,
      integer: true,
      brief: 'chunks at work at once in this process; default 1',
    },
    idle: {
      kind: 'number',
      placeholder: 'SECONDS',
      minimum: 0,
      integer: false,
      brief: 'end when no chunk has come for so long; default: wait for more',
    },
  },
  examples: ['polyshift worker', 'polyshift worker --concurrency 4', 'polyshift worker --idle 60 --json'],
  async run(context, flags) {
    const [{ loadConfig }, { queueEngine, engineModule }, { ownSpecs }, { showWorker }] = await Promise.all([
      import('../config/load-config.ts'),
      import('../etl/engine.ts'),
      import('../etl/own-specs.ts'),
      import('../ui/render-worker.ts'),
    ]);
    const { host, output, signal } = context;
    const config = await loadConfig({ cwd: host.cwd, environment: host.environment, file: flags.config });
    const settings = queueEngine(config);
    if (!settings) throw (await import('../etl/no-queue.ts')).noQueue(config);
    const { runWorker } = await engineModule(settings, config);
    const report = await runWorker(settings, {
      concurrency: flags.concurrency ?? 1,
      own: ownSpecs(config, host.cwd, (event) => showWorker(output, event)),
      signal,
      ...(flags.idle === undefined ? {} : { idle_ms: flags.idle * 1000 }),
      tell: (event) => showWorker(output, event),
    });
    await output.result(report, async () => (await import('../ui/render-worker.ts')).renderWorker(report));
    return 0;
  },
});
