import { z } from 'zod';

// YAML reads 10.10 as the number 10.1.
const version = z
  .union([z.number(), z.string()])
  .refine((value) => (typeof value === 'number' ? Number.isInteger(value) : /^\d+(\.\d+)*$/.test(value)), {
    error: 'expected a version like 15, or in quotes like "8.4"',
  })
  .transform(String);

const pattern = z.string().refine((text) => {
  try {
    return Boolean(new RegExp(text, 'u'));
  } catch {
    return false;
  }
}, 'is not a regular expression');

/** The schema of `lint` in the configuration. */
export const lintSettingsSchema = z
  .strictObject({
    rules: z
      .record(z.string(), z.enum(['off', 'warning', 'error']))
      .default({})
      .describe('code of a rule to its level; the others keep their own'),
    postgresql_version: version.default('15').describe('the oldest PostgreSQL that the files run on; default 15'),
    mysql_version: version.default('8.4').describe('the oldest MySQL that the files run on; default 8.4'),
    mariadb_version: version.optional().describe('set where the files run on MariaDB: its oldest version'),
    transaction: z
      .boolean()
      .default(false)
      .describe('whether SQL files that are not migrations are run in one transaction each; default false'),
    naming: z
      .strictObject({
        schema: pattern.optional(),
        table: pattern.optional(),
        column: pattern.optional(),
        index: pattern.optional(),
        foreign_key: pattern.optional(),
        check: pattern.optional(),
      })
      .default({})
      .describe('kind of name to the regular expression that new names must match'),
  })
  .describe('what polyshift lint assumes and which rules it applies');

/** What lint assumes and which rules it applies, defaults filled in. */
export type LintSettings = z.output<typeof lintSettingsSchema>;
