import { defineCommand } from '../command/define-command.ts';
import { storeFlag, waitFlag } from '../command/flag.ts';

/** `polyshift switch` */
export const switchCommand = defineCommand({
  name: 'switch',
  brief: 'move reads or writes to the new version of the collections, or back',
  description:
    'After `up --online` two versions of each changed collection are in use, and each write to one reaches the other. This says which of them the applications are to read and to write: it is kept in the journal, and `status --json` shows it under new_version, where a deployment reads it. Before anything moves, both versions are proven equal; where the proof fails, nothing moves, and the exit code is 1. Reads move first, then writes; on the way back (--back) writes first, then reads. `finalize` ends the old version once writes have moved.',
  argument: { placeholder: 'reads|writes', brief: 'what moves' },
  flags: {
    back: { kind: 'switch', brief: 'to the old version' },
    ...waitFlag,
    ...storeFlag,
  },
  examples: ['polyshift switch reads', 'polyshift switch writes --wait 30', 'polyshift switch writes --back'],
  async run(context, flags, what) {
    const [{ PolyshiftError, switchVersions }, { withStore }, { runnerOptions }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../migrations/runner-options.ts'),
    ]);
    if (what !== 'reads' && what !== 'writes') {
      throw new PolyshiftError('USAGE', `switch takes reads or writes, not ${what}`, {
        hint: 'Move reads first, then writes.',
      });
    }
    return withStore(context, flags, async (store) => {
      const options = runnerOptions(store, { signal: context.signal, wait: flags.wait });
      const report = await switchVersions(options, { what, to: flags.back ? 'old' : 'new' });
      const { output } = context;
      await output.result({ store: store.chosen.name, ...report }, async () => {
        const { renderSwitch } = await import('../ui/render-versions.ts');
        return renderSwitch(report, what, output.colours);
      });
      return 0;
    });
  },
});
