import { describe, expect, test } from 'vitest';
import { cqlRules } from '../src/rules/cql-rules.ts';
import { mysqlRules } from '../src/rules/mysql-rules.ts';
import { postgresqlRules } from '../src/rules/postgresql-rules.ts';
import { lintFiles } from './lint-text.ts';

const groups = [
  { store: 'postgresql', rules: Object.values(postgresqlRules) },
  { store: 'mysql', rules: Object.values(mysqlRules) },
  { store: 'cassandra', rules: Object.values(cqlRules) },
];

/** Settings that an example asks for in its first comment: `-- postgresql_version 14.2`. */
function settingsOf(example: string): Record<string, unknown> {
  return Object.fromEntries([...example.matchAll(/^-- (\w+_version) ([\d.]+)$/gm)].map(([, key, version]) => [key, version]));
}

describe.each(groups)('$store', ({ store, rules }) => {
  for (const rule of rules) {
    const strict = (example: string) => ({ ...settingsOf(example), rules: { [rule.code]: 'error' } });
    const codes = async (example: string) => {
      const files = example.split(/^-- another file\n/m).map((text, index) => [`${index}.sql`, text]);
      const { findings } = await lintFiles(store, Object.fromEntries(files), strict(example));
      expect(findings.filter(({ code }) => code === 'LN001')).toEqual([]);
      return findings.map(({ code }) => code);
    };

    test.each(rule.examples.unsafe)(`${rule.code} ${rule.name} names %s`, async (example) => {
      expect(await codes(example)).toContain(rule.code);
    });

    test.each(rule.examples.safe)(`${rule.code} ${rule.name} is silent about %s`, async (example) => {
      expect(await codes(example)).not.toContain(rule.code);
    });
  }
});
