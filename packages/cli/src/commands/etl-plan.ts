import { defineCommand } from '../command/define-command.ts';

/** `polyshift etl plan` */
export const etlPlanCommand = defineCommand({
  name: 'etl plan',
  brief: 'show what etl run would do, without doing it',
  description:
    'Checks the spec against both stores and shows rows, key, every field with its rule and type and what the target cannot hold exactly, the statements of the target, and how the load is taken back. Writes nothing.',
  argument: { placeholder: 'SPEC', brief: 'the file of the spec: .yaml, .json or .ts' },
  flags: {},
  examples: ['polyshift etl plan etl/users.yaml', 'polyshift etl plan etl/users.yaml --json'],
  async run(context, flags, file) {
    const [{ planEtl }, { openSpec }] = await Promise.all([import('@polyshift/etl'), import('../etl/open-spec.ts')]);
    const { loaded, dependencies } = await openSpec(context, flags, file);
    const plan = await planEtl(loaded, dependencies);
    await context.output.result(plan, async () => {
      const { renderEtlPlan } = await import('../ui/render-etl-plan.ts');
      return renderEtlPlan(plan, context.output.colours, context.host.cwd);
    });
    return 0;
  },
});
