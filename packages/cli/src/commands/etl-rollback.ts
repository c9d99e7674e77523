import { defineCommand } from '../command/define-command.ts';
import { waitFlag } from '../command/flag.ts';

/** `polyshift etl rollback` */
export const etlRollbackCommand = defineCommand({
  name: 'etl rollback',
  brief: 'take a load back, exactly',
  description:
    'Takes the newest load of a spec back, also one that stopped part-way: a target that it created is dropped, else the rows it inserted are removed and those it replaced restored. Refused, with nothing changed, where the application has written since. Asks first; without a terminal it needs --yes.',
  argument: { placeholder: 'SPEC', brief: 'the file of the spec: .yaml, .json or .ts' },
  flags: { ...waitFlag },
  examples: ['polyshift etl rollback etl/users.yaml', 'polyshift etl rollback etl/users.yaml --yes'],
  async run(context, flags, file) {
    const [{ rollbackEtl }, { openSpec }, { withEtlProgress }, { askConsent, requireConsent }] = await Promise.all([
      import('@polyshift/etl'),
      import('../etl/open-spec.ts'),
      import('../etl/with-etl-progress.ts'),
      import('../ui/consent.ts'),
    ]);
    const { output } = context;
    requireConsent(output, flags.yes, 'etl rollback');
    const { loaded, dependencies } = await openSpec(context, flags, file);
    const tables = new Set(loaded.flows.flatMap(({ branches }) => branches.map(({ target_table }) => target_table)));
    await askConsent(output, flags.yes, `Take the newest load of "${loaded.spec.name}" into ${[...tables].join(', ')} back?`);
    const report = await withEtlProgress(output, (emit) => rollbackEtl(loaded, { ...dependencies, emit }));
    await output.result(report, async () => {
      const { renderEtlRollback } = await import('../ui/render-etl-rollback.ts');
      return renderEtlRollback(report);
    });
    return 0;
  },
});
