import type { ExitCode } from '@polyshift/core';
import { defineCommand } from '../command/define-command.ts';
import { onlineFlag, storeFlag } from '../command/flag.ts';
import type { OpenStore } from '../stores/open-store.ts';

/** `polyshift plan` */
export const planCommand = defineCommand({
  name: 'plan',
  brief: 'show what up would run, without running it',
  description:
    'Shows, for each pending migration and operation, the statements with their phase, the lock they take and how long, the rows, the risk, and how they are taken back. Reads only; needs no lock.',
  flags: {
    to: { kind: 'text', placeholder: 'VERSION', brief: 'plan up to this version; default: all pending ones' },
    ...onlineFlag,
    ...storeFlag,
  },
  examples: ['polyshift plan', 'polyshift plan --online', 'polyshift plan --to 0003 --json'],
  async run(context, flags) {
    const [{ planUp }, { withStore }, { runnerOptions }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../migrations/runner-options.ts'),
    ]);
    const show = async (store: OpenStore): Promise<ExitCode> => {
      const plan = await planUp(runnerOptions(store), { to: flags.to, online: flags.online });
      await context.output.result({ store: store.chosen.name, ...plan }, async () => {
        const { renderPlan } = await import('../ui/render-plan.ts');
        return renderPlan(plan, context.output.colours);
      });
      return 0;
    };
    return withStore(context, flags, show, { read_only: true });
  },
});
