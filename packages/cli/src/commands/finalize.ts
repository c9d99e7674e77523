import { defineCommand } from '../command/define-command.ts';
import { storeFlag, waitFlag } from '../command/flag.ts';

/** `polyshift finalize` */
export const finalizeCommand = defineCommand({
  name: 'finalize',
  brief: 'delete what is kept for the rollback of a version',
  description:
    'Deletes what is kept aside for taking an applied version back: dropped fields and collections, before-images. Before that each of its operations is proven again; where a proof fails, nothing is deleted, and the exit code is 1. Where two versions of a collection are in use, the new one takes the place of the old one, once writes have moved (`polyshift switch`). After it `down` refuses that version. Asks first; without a terminal it needs --yes. One that was stopped in the middle is finished by running it again.',
  argument: { placeholder: 'VERSION', brief: 'the applied version; or --older-than in its place', optional: true },
  flags: {
    olderThan: {
      kind: 'text',
      placeholder: 'AGE',
      brief: 'every version that was applied longer ago than this: 30d, 12h, 90m; one whose proof fails keeps its undo',
    },
    oldVersionEnded: {
      kind: 'switch',
      brief: 'no application uses the old version of a collection any more, although `switch writes` was not called',
    },
    ...waitFlag,
    ...storeFlag,
  },
  examples: ['polyshift finalize 0003', 'polyshift finalize 3 --yes', 'polyshift finalize --older-than 30d --yes'],
  async run(context, flags, version) {
    const [{ exitCodes, finalize, PolyshiftError }, { withStore }, { runnerOptions }, consent, { durationOf }] =
      await Promise.all([
        import('@polyshift/core'),
        import('../stores/open-store.ts'),
        import('../migrations/runner-options.ts'),
        import('../ui/consent.ts'),
        import('../command/duration.ts'),
      ]);
    const { output } = context;
    const age = flags.olderThan;
    if ((version === '') === (age === undefined)) {
      throw new PolyshiftError(
        'USAGE',
        version === '' ? 'VERSION or --older-than is missing' : 'VERSION and --older-than exclude each other',
        {
          hint: 'Give one of them.',
        },
      );
    }
    const request =
      age === undefined
        ? { version, old_version_ended: flags.oldVersionEnded }
        : { older_than_ms: durationOf('--older-than', age) };
    consent.requireConsent(output, flags.yes, 'finalize');
    return withStore(context, flags, async (store) => {
      const what = age === undefined ? `version ${version} needs` : `every version applied more than ${age} ago needs`;
      await consent.askConsent(output, flags.yes, `Delete what the rollback of ${what}, in the store "${store.chosen.name}"?`);
      const report = await finalize(runnerOptions(store, { signal: context.signal, wait: flags.wait }), request);
      await output.result({ store: store.chosen.name, ...report }, async () => {
        const { renderFinalize } = await import('../ui/render-finalize.ts');
        return renderFinalize(report, output.colours);
      });
      return report.kept.length > 0 ? exitCodes.failed : exitCodes.done;
    });
  },
});
