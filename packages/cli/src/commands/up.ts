import { defineCommand } from '../command/define-command.ts';
import { onlineFlag, storeFlag, waitFlag } from '../command/flag.ts';

/** `polyshift up` */
export const upCommand = defineCommand({
  name: 'up',
  brief: 'apply the pending migrations',
  description:
    'Applies the pending migrations in order, after finishing what a dead run has left half done. Each is checked, executed, verified and journaled operation by operation; one that fails is taken back. On a terminal it shows the plan and asks first, unless --yes is given; without a terminal (in CI) it goes ahead. SIGINT or SIGTERM stops after the current batch with exit code 5; running it again resumes there. With --online it ends as soon as two versions of a collection are in use; `polyshift switch` moves reads and writes to the new one, `polyshift finalize` ends the old one.',
  flags: {
    to: { kind: 'text', placeholder: 'VERSION', brief: 'the last version to apply; default: all pending ones' },
    ...onlineFlag,
    ...waitFlag,
    ...storeFlag,
  },
  examples: ['polyshift up', 'polyshift up --to 0003', 'polyshift up --online', 'polyshift up --yes --wait 60 --json'],
  async run(context, flags) {
    const [{ planUp, up }, { withStore }, { runnerOptions }, { runWithProgress }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../migrations/runner-options.ts'),
      import('../migrations/run-with-progress.ts'),
    ]);
    const { output } = context;
    return withStore(context, flags, async (store) => {
      if (output.interactive && !flags.yes) {
        const [{ renderPlan }, { askConsent }] = await Promise.all([import('../ui/render-plan.ts'), import('../ui/consent.ts')]);
        const plan = await planUp(runnerOptions(store), { to: flags.to, online: flags.online });
        if (plan.migrations.length > 0) {
          output.note(renderPlan(plan, output.noteColours));
          await askConsent(output, flags.yes, `Apply this to the store "${store.chosen.name}"?`);
        }
      }
      return runWithProgress(context, store.chosen.name, (emit) =>
        up(runnerOptions(store, { signal: context.signal, emit, wait: flags.wait }), { to: flags.to, online: flags.online }),
      );
    });
  },
});
