import { defineCommand } from '../command/define-command.ts';
import { storeFlag, waitFlag } from '../command/flag.ts';

/** `polyshift finalize` */
export const finalizeCommand = defineCommand({
  name: 'finalize',
  brief: 'delete what is kept for the rollback of a version',
  description:
    'Deletes what is kept aside for taking an applied version back: dropped fields and collections, before-images. After it `down` refuses that version. Asks first; without a terminal it needs --yes.',
  argument: { placeholder: 'VERSION', brief: 'the applied version' },
  flags: { ...waitFlag, ...storeFlag },
  examples: ['polyshift finalize 0003', 'polyshift finalize 3 --yes'],
  async run(context, flags, version) {
    const [{ finalize }, { withStore }, { runnerOptions }, { askConsent, requireConsent }, { countOf }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../migrations/runner-options.ts'),
      import('../ui/consent.ts'),
      import('../ui/quantities.ts'),
    ]);
    const { output } = context;
    requireConsent(output, flags.yes, 'finalize');
    return withStore(context, flags, async (store) => {
      await askConsent(
        output,
        flags.yes,
        `Delete what the rollback of version ${version} needs, in the store "${store.chosen.name}"?`,
      );
      const report = await finalize(runnerOptions(store, { signal: context.signal, wait: flags.wait }), version);
      await output.result({ store: store.chosen.name, ...report }, () =>
        report.steps === 0
          ? `Version ${report.version} was finalized already.`
          : `Version ${report.version} is final: what ${countOf(report.steps, 'operation')} kept aside is deleted.`,
      );
      return 0;
    });
  },
});
