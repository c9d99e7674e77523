import { nearest, PolyshiftError } from '@polyshift/core';
import { allRules, type LintSettings, lintSettingsSchema } from '@polyshift/lint';
import type { LoadedConfig } from '../config/load-config.ts';

/** The version that is assumed where `--dialect mariadb` is given and the configuration names none. */
const mariadbVersion = '10.11';

/** What lint assumes: `lint` of the configuration, or the defaults. Throws INVALID_DOCUMENT where it names a rule that does not exist. */
export function lintSettings(loaded: LoadedConfig | undefined, dialect: string | undefined): LintSettings {
  const settings = loaded?.config.lint ?? lintSettingsSchema.parse({});
  const codes = allRules.map(({ code }) => code);
  for (const code of Object.keys(settings.rules)) {
    if (codes.includes(code)) continue;
    const near = nearest(code, codes);
    throw new PolyshiftError('INVALID_DOCUMENT', `there is no rule ${code}`, {
      ...(loaded ? { place: loaded.document.place(['lint', 'rules', code]) } : {}),
      hint: near ? `Did you mean ${near}?` : '`polyshift lint --rules` lists them.',
    });
  }
  if (dialect === 'mariadb') return { ...settings, mariadb_version: settings.mariadb_version ?? mariadbVersion };
  return settings;
}
