import { defineCommand } from '../command/define-command.ts';
import { waitFlag } from '../command/flag.ts';

/** `polyshift etl retry-dead-letters` */
export const etlRetryDeadLettersCommand = defineCommand({
  name: 'etl retry-dead-letters',
  brief: 'load the rows that a run rejected, after a fix',
  description:
    'Reads each row that a finished run rejected again from the source and loads it through the rules as they are now; rules may have been corrected since, source and target tables may not have changed. Dead letters whose rows are loaded go, the others stay with the reason of today. May be repeated: a row that is there already counts as loaded. `etl rollback` takes these rows back with the load. Exit code 1 where some are left.',
  argument: { placeholder: 'SPEC', brief: 'the file of the spec: .yaml, .json or .ts' },
  flags: { ...waitFlag },
  examples: ['polyshift etl retry-dead-letters etl/users.yaml', 'polyshift etl retry-dead-letters etl/users.yaml --json'],
  async run(context, flags, file) {
    const [{ exitCodes }, { retryDeadLetters }, { openSpec }, { withEtlProgress }] = await Promise.all([
      import('@polyshift/core'),
      import('@polyshift/etl'),
      import('../etl/open-spec.ts'),
      import('../etl/with-etl-progress.ts'),
    ]);
    const { loaded, dependencies } = await openSpec(context, flags, file);
    const report = await withEtlProgress(context.output, (emit) => retryDeadLetters(loaded, { ...dependencies, emit }));
    await context.output.result(report, async () => {
      const { renderEtlRetry } = await import('../ui/render-etl-retry.ts');
      return renderEtlRetry(report, context.output.colours, context.host.cwd);
    });
    return report.rejected + report.not_found > 0 ? exitCodes.failed : exitCodes.done;
  },
});
