import { postgresqlRule } from '../../postgresql/rule.ts';

/** Updates or alters an extension. */
export const updatingExtension = postgresqlRule({
  code: 'PG128',
  name: 'updating-extension',
  level: 'warning',
  doc: {
    what: 'Updates or alters an extension.',
    why: 'Its functions and types may behave otherwise for all applications.',
    lock: 'Depends on the script of the extension; it may lock and rewrite tables that use its types.',
    safe: 'Try the update on a copy; read its release notes.',
  },
  examples: {
    unsafe: ['ALTER EXTENSION hstore UPDATE'],
    safe: ['CREATE EXTENSION hstore'],
  },
  *check(statement) {
    if (statement.kind === 'AlterExtensionStmt')
      yield { message: `Extension ${statement.node.extname} changes under the running applications.` };
  },
});
