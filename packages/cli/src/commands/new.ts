import { relative } from 'node:path';
import { defineCommand } from '../command/define-command.ts';
import { storeFlag } from '../command/flag.ts';

const formats = ['yaml', 'ts', 'sql'] as const;

/** `polyshift new` */
export const newCommand = defineCommand({
  name: 'new',
  brief: 'write the next migration',
  description:
    'Writes an annotated migration with the next version, NNNN_name, into the folder of migrations. It needs no connection and no environment. Never overwrites a file.',
  argument: { placeholder: 'NAME', brief: 'what it does, like add_email' },
  flags: {
    format: { kind: 'choice', values: formats, brief: 'yaml (default), ts, or sql with an up and a down file' },
    ...storeFlag,
  },
  examples: ['polyshift new add_email', 'polyshift new "active users view" --format sql'],
  async run({ host, output }, flags, name) {
    const [{ PolyshiftError }, { loadConfig }, { writeMigration }] = await Promise.all([
      import('@polyshift/core'),
      import('../config/load-config.ts'),
      import('../migrations/write-migration.ts'),
    ]);
    const loaded = await loadConfig({ cwd: host.cwd, environment: host.environment, file: flags.config });
    const { snakeCase } = await import('../migrations/next-version.ts');
    const title = snakeCase(name);
    if (title === '') {
      throw new PolyshiftError('USAGE', `"${name}" has neither letters nor digits`, {
        hint: 'Say what it does, like add_email.',
      });
    }
    const written = await writeMigration(loaded, {
      name: title,
      format: flags.format ?? 'yaml',
      store: flags.store,
      cwd: host.cwd,
    });
    const files = written.files.map((file) => relative(host.cwd, file));
    await output.result({ version: written.version, name: title, files }, () =>
      [...files.map((file) => `wrote ${file}`), 'Edit it, then: polyshift plan'].join('\n'),
    );
    return 0;
  },
});
