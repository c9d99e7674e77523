import { defineCommand } from '../command/define-command.ts';
import { storeFlag, waitFlag } from '../command/flag.ts';

/** `polyshift down` */
export const downCommand = defineCommand({
  name: 'down',
  brief: 'take migrations back, newest first',
  description:
    'Takes the newest migration back, exactly to what was there before; or several by --steps, or all above a version by --to (0 takes all back). One that stopped part-way counts as the newest. Asks first; without a terminal it needs --yes. SIGINT or SIGTERM stops after the current batch with exit code 5; running it again resumes there. --print changes nothing and asks nothing: it writes what would be done as a script to stdout, for the client of the store (see Migrations); exit code 1 where it cannot be written exactly, 4 while a run is at work.',
  flags: {
    to: { kind: 'text', placeholder: 'VERSION', brief: 'take back every version above this one; 0 takes all back' },
    steps: { kind: 'number', placeholder: 'N', minimum: 1, integer: true, brief: 'how many migrations to take back; default 1' },
    expectCurrent: {
      kind: 'text',
      placeholder: 'VERSION',
      brief: 'refuse unless this is the newest applied version',
    },
    print: { kind: 'switch', brief: 'print the rollback as a script for the client of the store, and change nothing' },
    ...waitFlag,
    ...storeFlag,
  },
  examples: [
    'polyshift down',
    'polyshift down --steps 2 --yes',
    'polyshift down --to 0003 --expect-current 0005',
    'polyshift down --print > back.sql',
  ],
  async run(context, flags) {
    const [{ down, PolyshiftError, status }, { withStore }, { runnerOptions }, { askConsent, requireConsent }] =
      await Promise.all([
        import('@polyshift/core'),
        import('../stores/open-store.ts'),
        import('../migrations/runner-options.ts'),
        import('../ui/consent.ts'),
      ]);
    const { output } = context;
    if (flags.to !== undefined && flags.steps !== undefined) {
      throw new PolyshiftError('USAGE', '--to and --steps exclude each other', { hint: 'Give one of them.' });
    }
    const request = { to: flags.to, steps: flags.steps };
    if (flags.print) {
      const { printScript } = await import('../migrations/print-script.ts');
      return printScript(context, flags, { ...request, expect_current: flags.expectCurrent });
    }
    requireConsent(output, flags.yes, 'down');
    return withStore(context, flags, async (store) => {
      let expected = flags.expectCurrent;
      if (output.interactive && !flags.yes) {
        const { renderRollback, standingMigrations } = await import('../ui/render-rollback.ts');
        const report = await status(runnerOptions(store));
        const chosen = standingMigrations(report, request);
        if (chosen.length > 0) {
          output.note(renderRollback(chosen, output.noteColours));
          await askConsent(output, flags.yes, `Take this back in the store "${store.chosen.name}"?`);
        }
        // What was confirmed is what is taken back, whatever other runs have done in the meantime.
        expected ??= report.current_version ?? undefined;
      }
      const { runWithProgress } = await import('../migrations/run-with-progress.ts');
      return runWithProgress(context, store.chosen.name, (emit) =>
        down(runnerOptions(store, { signal: context.signal, emit, wait: flags.wait }), {
          ...request,
          expect_current: expected,
        }),
      );
    });
  },
});
