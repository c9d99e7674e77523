import { defineCommand } from '../command/define-command.ts';

/** `polyshift etl verify` */
export const etlVerifyCommand = defineCommand({
  name: 'etl verify',
  brief: 'prove a finished load, row by row',
  description:
    'Counts both sides, makes every row of the source anew as the target should hold it, and compares it with the one there, by counts and by checksums. Rows that are missing, differ or are too many are named. Reads only. Exit code 1 where something differs.',
  argument: { placeholder: 'SPEC', brief: 'the file of the spec: .yaml, .json or .ts' },
  flags: {},
  examples: ['polyshift etl verify etl/users.yaml', 'polyshift etl verify etl/users.yaml --json'],
  async run(context, flags, file) {
    const [{ exitCodes }, { verifyEtl }, { openSpec }, { withEtlProgress }] = await Promise.all([
      import('@polyshift/core'),
      import('@polyshift/etl'),
      import('../etl/open-spec.ts'),
      import('../etl/with-etl-progress.ts'),
    ]);
    const { loaded, dependencies } = await openSpec(context, flags, file);
    const report = await withEtlProgress(context.output, (emit) => verifyEtl(loaded, { ...dependencies, emit }));
    await context.output.result(report, async () => {
      const { renderEtlVerify } = await import('../ui/render-etl-verify.ts');
      return renderEtlVerify(report, context.output.colours);
    });
    return report.ok ? exitCodes.done : exitCodes.failed;
  },
});
