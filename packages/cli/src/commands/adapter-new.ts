import { defineCommand } from '../command/define-command.ts';

/** `polyshift adapter new` */
export const adapterNewCommand = defineCommand({
  name: 'adapter new',
  brief: 'write the skeleton of an adapter for another store',
  description:
    'Writes a package that compiles, made of @polyshift/core and @polyshift/adapter-kit, whose conformance run lists what is left to do, step by step. A file that is there is kept as it is. It needs no configuration.',
  argument: {
    placeholder: 'NAME',
    brief: 'the name of the store, like duckdb: the type in configurations, and the scheme of its URLs',
  },
  flags: {
    folder: { kind: 'text', placeholder: 'FOLDER', brief: 'where to write it; default polyshift-NAME' },
  },
  examples: ['polyshift adapter new duckdb', 'polyshift adapter new duckdb --folder adapters/duckdb'],
  async run({ host, output }, flags, name) {
    const [{ PolyshiftError, storeNames }, { writeAdapter }, { packageVersion }] = await Promise.all([
      import('@polyshift/core'),
      import('../templates/adapter/write-adapter.ts'),
      import('../command/package-version.ts'),
    ]);
    if (!/^[a-z][a-z0-9-]*$/.test(name) || (storeNames as readonly string[]).includes(name)) {
      throw new PolyshiftError('USAGE', `"${name}" cannot be the name of an adapter of your own`, {
        hint: `Take a letter, then letters, digits and hyphens, all lower-case, and not one of ${storeNames.join(', ')}.`,
      });
    }
    const report = await writeAdapter(host.cwd, flags.folder ?? `polyshift-${name}`, { name, version: packageVersion() });
    await output.result(report, () =>
      [
        ...report.written.map((file) => `wrote ${file}`),
        ...report.kept.map((file) => `kept  ${file}`),
        '',
        `Next, in ${report.folder}:`,
        '  npm install',
        '  npm run build   compiles',
        '  npm test        says what is left to do',
      ].join('\n'),
    );
    return 0;
  },
});
