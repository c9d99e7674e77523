import { defineCommand } from '../command/define-command.ts';
import { storeFlag } from '../command/flag.ts';

/** `polyshift verify` */
export const verifyCommand = defineCommand({
  name: 'verify',
  brief: 'hold the store against its history',
  description:
    'Checks that the files of applied migrations are there and unchanged, that nothing is half done, that the schema is as the last run left it, and runs the proofs of the newest migration again. Reads only. Exit code 1 where a check has failed.',
  flags: { ...storeFlag },
  examples: ['polyshift verify', 'polyshift verify --json'],
  async run(context, flags) {
    const [{ exitCodes, verify }, { withStore }, { runnerOptions }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../migrations/runner-options.ts'),
    ]);
    return withStore(context, flags, async (store) => {
      const report = await verify(runnerOptions(store, { signal: context.signal }));
      await context.output.result({ store: store.chosen.name, ...report }, async () => {
        const { renderVerify } = await import('../ui/render-verify.ts');
        return renderVerify(report, context.output.colours);
      });
      return report.ok ? exitCodes.done : exitCodes.failed;
    });
  },
});
