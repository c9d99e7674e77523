import { defineCommand } from '../command/define-command.ts';
import { waitFlag } from '../command/flag.ts';

/** `polyshift etl run` */
export const etlRunCommand = defineCommand({
  name: 'etl run',
  brief: 'load the rows of a spec, or go on where a run stopped',
  description:
    'Reads, transforms and loads the rows of a spec, with progress per step. A run that stopped part-way goes on after its last checkpoint, and loads no row twice. Rows that cannot be loaded are kept in a file beside the spec; values that the target cannot hold exactly are counted by field. SIGINT or SIGTERM stops after the writes in flight with exit code 5. Where the configuration names an `engine`, or with --threads, the load is cut into chunks that worker threads of this process take, or `polyshift worker`, here or on other machines: then this command shows how far they are, and a stop ends their chunks too. It does not ask; `etl rollback` takes the load back.',
  argument: { placeholder: 'SPEC', brief: 'the file of the spec: .yaml, .json or .ts' },
  flags: {
    local: {
      kind: 'switch',
      brief: 'run all chunks in the one thread of this process, whatever `engine` of the configuration says',
    },
    threads: {
      kind: 'number',
      placeholder: 'N',
      minimum: 1,
      integer: true,
      brief: 'run the chunks in so many worker threads of this process, whatever `engine` of the configuration says',
    },
    ...waitFlag,
  },
  examples: [
    'polyshift etl run etl/users.yaml',
    'polyshift etl run etl/users.yaml --threads 4',
    'polyshift etl run etl/users.yaml --json > report.json',
  ],
  async run(context, flags, file) {
    const [{ runEtl }, { openSpec }, { engineOf }, { withEtlProgress }] = await Promise.all([
      import('@polyshift/etl'),
      import('../etl/open-spec.ts'),
      import('../etl/engine.ts'),
      import('../etl/with-etl-progress.ts'),
    ]);
    const { loaded, dependencies, config } = await openSpec(context, flags, file);
    const engine = flags.local ? undefined : await engineOf({ ...context.host, config, file, threads: flags.threads });
    const report = await withEtlProgress(context.output, (emit) => runEtl(loaded, { ...dependencies, engine, emit }));
    await context.output.result(report, async () => {
      const { renderEtlRun } = await import('../ui/render-etl-run.ts');
      return renderEtlRun(report, context.output.colours, context.host.cwd);
    });
    return 0;
  },
});
