import { defineCommand } from '../command/define-command.ts';
import { storeFlag, waitFlag } from '../command/flag.ts';

/** `polyshift baseline` */
export const baselineCommand = defineCommand({
  name: 'baseline',
  brief: 'take an existing store under version control',
  description:
    'Writes the migrations up to a version into the history as applied, without running them: the store has what they make already. `down` refuses them. Only where the history has no version yet. The reason is kept in the history. Asks first; without a terminal it needs --yes.',
  argument: { placeholder: 'VERSION', brief: 'the last version that the store has already' },
  flags: {
    reason: { kind: 'text', placeholder: 'TEXT', brief: 'why; kept for those who read the history later' },
    ...waitFlag,
    ...storeFlag,
  },
  examples: ['polyshift baseline 0012 --reason "schema of the production database in May"'],
  async run(context, flags, version) {
    const [{ baseline }, { withStore }, { runnerOptions }, { askConsent, requireConsent }, { renderAmendment }] =
      await Promise.all([
        import('@polyshift/core'),
        import('../stores/open-store.ts'),
        import('../migrations/runner-options.ts'),
        import('../ui/consent.ts'),
        import('../ui/render-amendment.ts'),
      ]);
    const { output } = context;
    requireConsent(output, flags.yes, 'baseline');
    return withStore(context, flags, async (store) => {
      await askConsent(
        output,
        flags.yes,
        `Take the store "${store.chosen.name}" as having everything up to version ${version} already?`,
      );
      const amendments = await baseline(runnerOptions(store, { signal: context.signal, wait: flags.wait }), {
        version,
        reason: flags.reason ?? '',
      });
      await output.result({ store: store.chosen.name, amendments }, () => amendments.map(renderAmendment).join('\n'));
      return 0;
    });
  },
});
