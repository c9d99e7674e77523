import { defineCommand } from '../command/define-command.ts';
import { storeFlag } from '../command/flag.ts';

/** `polyshift doctor` */
export const doctorCommand = defineCommand({
  name: 'doctor',
  brief: 'explain half-done runs, locks and changed files',
  description:
    'Explains in words what the journal of the store tells: runs that stopped part-way and how far they came, what is kept for their undo, locks, changed or missing files, undo beyond its limit or that belongs to nobody, half-done loads and rollbacks of ETL specs into it; and names the commands that go on from there. Reads only. Exit code 1 where something was found.',
  flags: { ...storeFlag },
  examples: ['polyshift doctor', 'polyshift doctor --json'],
  async run(context, flags) {
    const [{ doctor, exitCodes }, { withAnyStore }, { runnerOptions }, { withEtlFindings }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../migrations/runner-options.ts'),
      import('../etl/etl-of-store.ts'),
    ]);
    return withAnyStore(context, flags, async (store) => {
      const report = await withEtlFindings(store.session, await doctor(runnerOptions(store)));
      await context.output.result({ store: store.chosen.name, ...report }, async () => {
        const { renderDoctor } = await import('../ui/render-doctor.ts');
        return renderDoctor(report, context.output.colours);
      });
      return report.healthy ? exitCodes.done : exitCodes.failed;
    });
  },
});
