import type { ExitCode } from '@polyshift/core';
import { defineCommand } from '../command/define-command.ts';
import { storeFlag } from '../command/flag.ts';
import type { OpenStore } from '../stores/open-store.ts';

/** `polyshift status` */
export const statusCommand = defineCommand({
  name: 'status',
  brief: 'show the history, what is pending, and who holds the lock',
  description:
    'Shows each migration with its state, when it was applied, how far one is that stopped part-way, how it can be taken back, what is kept aside for that and until when, and whether its file has changed since; below that the ETL specs that have loaded into the store, and how far each is. Reads only; needs no lock.',
  flags: { ...storeFlag },
  examples: ['polyshift status', 'polyshift status --store orders --json'],
  async run(context, flags) {
    const [{ status }, { withAnyStore }, { runnerOptions }, { etlStatusOf }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../migrations/runner-options.ts'),
      import('../etl/etl-of-store.ts'),
    ]);
    const show = async (store: OpenStore): Promise<ExitCode> => {
      const report = await status(runnerOptions(store));
      const etl = await etlStatusOf(store.session);
      await context.output.result({ store: store.chosen.name, ...report, etl }, async () => {
        const [{ renderStatus }, { renderEtlStatus }] = await Promise.all([
          import('../ui/render-status.ts'),
          import('../ui/render-etl-status.ts'),
        ]);
        const { colours } = context.output;
        return [renderStatus(report, colours), renderEtlStatus(etl, colours)].filter(Boolean).join('\n');
      });
      return 0;
    };
    return withAnyStore(context, flags, show, { read_only: true });
  },
});
