import { defineCommand } from '../command/define-command.ts';
import type { StarterType } from '../templates/starters.ts';

// Not those of core, which `--help` would have to load.
const types = [
  'mongodb',
  'postgresql',
  'mysql',
  'cassandra',
  'dynamodb',
  'redis',
  'elasticsearch',
] as const satisfies readonly StarterType[];

/** `polyshift init` */
export const initCommand = defineCommand({
  name: 'init',
  brief: 'write a configuration, a first migration and an example of an ETL spec',
  description:
    'Writes polyshift.config.yaml, a first migration in migrations/, etl/users.yaml and .env.example, all annotated. A file that is there is kept as it is. On a terminal it asks for the store, unless --yes or --type is given.',
  flags: {
    type: { kind: 'choice', values: types, brief: 'the type of the store; default mongodb' },
    store: { kind: 'text', placeholder: 'NAME', brief: 'the name of the store in the configuration; default main' },
  },
  examples: ['polyshift init', 'polyshift init --type postgresql --store orders --yes'],
  async run({ host, output }, flags) {
    const [{ writeProject }, { chooseType }] = await Promise.all([
      import('../templates/write-project.ts'),
      import('../ui/choose-type.ts'),
    ]);
    const type = flags.type ?? (output.interactive && !flags.yes ? await chooseType(output, types) : 'mongodb');
    const report = await writeProject({ cwd: host.cwd, file: flags.config, name: flags.store ?? 'main', type });
    await output.result(report, () =>
      [
        ...report.written.map((file) => `wrote ${file}`),
        ...report.kept.map((file) => `kept  ${file}`),
        '',
        `Next: set ${report.variable} in the environment, or copy .env.example to .env; then`,
        '  polyshift plan      shows what the first migration will run',
        '  polyshift up        runs it',
        '  polyshift down      takes it back',
      ].join('\n'),
    );
    return 0;
  },
});
