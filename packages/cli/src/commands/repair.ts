import { defineCommand } from '../command/define-command.ts';
import { storeFlag, waitFlag } from '../command/flag.ts';

/** `polyshift repair` */
export const repairCommand = defineCommand({
  name: 'repair',
  brief: 'settle what files and history do not agree on',
  description:
    'Settles it in favour of the files, for one version or for all: a changed file of an applied version is accepted, a version whose file is gone is struck from the history together with what its rollback needs, a version that came late may be applied. The data is not touched. The reason is kept in the history. Asks first; without a terminal it needs --yes.',
  argument: { placeholder: 'VERSION', brief: 'the version, or `all`' },
  flags: {
    reason: { kind: 'text', placeholder: 'TEXT', brief: 'why; kept for those who read the history later' },
    ...waitFlag,
    ...storeFlag,
  },
  examples: [
    'polyshift repair 0003 --reason "comment corrected, ticket 512"',
    'polyshift repair all --reason "merged two branches" --yes',
  ],
  async run(context, flags, version) {
    const [{ repair }, { withStore }, { runnerOptions }, { askConsent, requireConsent }, { renderAmendment }] = await Promise.all(
      [
        import('@polyshift/core'),
        import('../stores/open-store.ts'),
        import('../migrations/runner-options.ts'),
        import('../ui/consent.ts'),
        import('../ui/render-amendment.ts'),
      ],
    );
    const { output } = context;
    requireConsent(output, flags.yes, 'repair');
    return withStore(context, flags, async (store) => {
      await askConsent(
        output,
        flags.yes,
        `Write into the history of the store "${store.chosen.name}" that ${version === 'all' ? 'all files are' : `the file of version ${version} is`} right as it is now?`,
      );
      const amendments = await repair(runnerOptions(store, { signal: context.signal, wait: flags.wait }), {
        version: version === 'all' ? undefined : version,
        reason: flags.reason ?? '',
      });
      await output.result({ store: store.chosen.name, amendments }, () =>
        amendments.length === 0
          ? 'Files and history agree: there was nothing to repair.'
          : amendments.map(renderAmendment).join('\n'),
      );
      return 0;
    });
  },
});
