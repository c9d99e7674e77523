import { defineCommand } from '../command/define-command.ts';
import { storeFlag } from '../command/flag.ts';

/** `polyshift status` */
export const statusCommand = defineCommand({
  name: 'status',
  brief: 'show the history, what is pending, and who holds the lock',
  description:
    'Shows each migration with its state, when it was applied, how far one is that stopped part-way, how it can be taken back, what is kept aside for that and until when, and whether its file has changed since. Reads only; needs no lock.',
  flags: { ...storeFlag },
  examples: ['polyshift status', 'polyshift status --store orders --json'],
  async run(context, flags) {
    const [{ status }, { withStore }, { runnerOptions }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../migrations/runner-options.ts'),
    ]);
    return withStore(context, flags, async (store) => {
      const report = await status(runnerOptions(store));
      await context.output.result({ store: store.chosen.name, ...report }, async () => {
        const { renderStatus } = await import('../ui/render-status.ts');
        return renderStatus(report, context.output.colours);
      });
      return 0;
    });
  },
});
