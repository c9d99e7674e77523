/** What a new migration says about itself. */
export interface MigrationHead {
  /** The store that it belongs to; undefined where that is clear without. */
  readonly store: string | undefined;
  /** The path to the JSON Schema, for editors. */
  readonly schema: string;
  /** All types of operations, for the comment. */
  readonly types: readonly string[];
}

/** An annotated migration in YAML. */
export function yamlMigration({ store, schema, types }: MigrationHead): string {
  return `# yaml-language-server: $schema=${schema}
#
# What changes, in order; how is the store's affair. \`polyshift plan\` shows the statements, \`polyshift up\` runs them,
# \`polyshift down\` takes them back exactly. Types of operations:
${wrapped(types, '#   ')}
description: what it is for, one line
${store === undefined ? '' : `store: ${store}\n`}operations:
  - type: add_field
    collection: users
    data: { field_name: email_verified, default_value: false }
    # conditions: { active: true }   # which rows or documents; all where missing
    # batch_size: 1000
`;
}

/** An annotated migration in TypeScript. */
export function typescriptMigration({ store, types }: MigrationHead): string {
  return `import type { MigrationInput } from 'polyshift';

// What changes, in order; how is the store's affair. \`polyshift plan\` shows the statements, \`polyshift up\` runs them,
// \`polyshift down\` takes them back exactly. Types of operations:
${wrapped(types, '//   ')}
export default {
  description: 'what it is for, one line',
${store === undefined ? '' : `  store: '${store}',\n`}  operations: [
    { type: 'add_field', collection: 'users', data: { field_name: 'email_verified', default_value: false } },
  ],
} satisfies MigrationInput;
`;
}

/** The statements of a migration in SQL, and those that take it back. */
export function sqlMigration(name: string): { readonly up: string; readonly down: string } {
  return {
    up: `-- ${name}: runs in one transaction. For statements that no transaction can hold, such as CREATE INDEX CONCURRENTLY,
-- make this the first line:  -- polyshift: no-transaction
CREATE VIEW active_users AS SELECT * FROM users WHERE active;
`,
    down: `-- Takes ${name} back. Without this file \`polyshift down\` refuses it.
DROP VIEW active_users;
`,
  };
}

function wrapped(words: readonly string[], prefix: string): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 110) lines[lines.length - 1] = `${last}, ${word}`;
    else lines.push(`${prefix}${word}`);
  }
  return lines.join(',\n');
}
