import { defineCommand } from '../command/define-command.ts';
import { storeFlag } from '../command/flag.ts';
import { packageVersion } from '../command/package-version.ts';

const formats = ['text', 'json', 'sarif', 'github'] as const;
const dialects = ['postgresql', 'mysql', 'mariadb', 'cassandra'] as const;

/** `polyshift lint` */
export const lintCommand = defineCommand({
  name: 'lint',
  brief: 'name unsafe changes in SQL files and migrations',
  description:
    'Reads SQL files and migrations and names every change that locks, rewrites, fails or breaks the running application: with its place, why, what it locks and for how long, and the safe way. Without files it reads the migrations of the configuration; of files in a folder of migrations it knows what the earlier ones did. Reads files only, needs no connection. A comment "polyshift-lint-ignore CODE: reason" switches a rule off for the next statement or operation. Exit code 1 where an error was found.',
  argument: { placeholder: 'FILES', brief: 'SQL files, migrations, or folders of them', many: true },
  flags: {
    dialect: { kind: 'choice', values: dialects, brief: 'the language of the files; default: by the store of the configuration' },
    format: { kind: 'choice', values: formats, brief: 'text (default), json, sarif for code scanning, github for annotations' },
    maxWarnings: {
      kind: 'number',
      placeholder: 'COUNT',
      minimum: 0,
      integer: true,
      brief: 'more warnings than this are exit code 1 too; default: any number is fine',
    },
    rules: { kind: 'switch', brief: 'list the rules instead' },
    ...storeFlag,
  },
  examples: [
    'polyshift lint',
    'polyshift lint --dialect postgresql db/*.sql --max-warnings 0',
    'polyshift lint --format sarif > lint.sarif',
  ],
  async run({ host, output }, flags, _argument, files) {
    const [lint, { exitCodes }, { findConfig, loadConfig }, { renderLint, renderLintRules }] = await Promise.all([
      import('@polyshift/lint'),
      import('@polyshift/core'),
      import('../config/load-config.ts'),
      import('../ui/render-lint.ts'),
    ]);
    const [{ chooseSources }, { lintSettings }] = await Promise.all([
      import('../lint/choose-sources.ts'),
      import('../lint/lint-settings.ts'),
    ]);
    const { cwd, environment } = host;
    const hasConfig = flags.config !== undefined || findConfig(cwd) !== undefined;
    const loaded = hasConfig ? await loadConfig({ cwd, environment, file: flags.config }) : undefined;
    const settings = lintSettings(loaded, flags.dialect);
    const rules = lint.allRules.map((rule) => ({ ...rule, level: settings.rules[rule.code] ?? rule.level }));
    if (flags.rules) {
      const listed = rules.map(({ code, name, store, level, doc }) => ({ code, name, store, level, ...doc }));
      await output.result({ rules: listed }, () => renderLintRules(rules, output.colours));
      return exitCodes.done;
    }
    const sources = await chooseSources({ cwd, files, loaded, store: flags.store, dialect: flags.dialect });
    const report = await lint.lintSources(sources, settings);
    await output.result(report, () => {
      switch (flags.format) {
        case 'json':
          return JSON.stringify(report, null, 2);
        case 'sarif':
          return JSON.stringify(lint.sarifLog(report, rules, packageVersion()), null, 2);
        case 'github':
          return lint.githubAnnotations(report.findings);
        default:
          return renderLint(report, output.colours);
      }
    });
    const tooMany = flags.maxWarnings !== undefined && report.warnings > flags.maxWarnings;
    return report.errors > 0 || tooMany ? exitCodes.failed : exitCodes.done;
  },
});
