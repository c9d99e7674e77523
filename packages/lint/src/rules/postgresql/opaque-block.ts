import { postgresqlRule } from '../../postgresql/rule.ts';

/** Runs a DO block. */
export const opaqueBlock = postgresqlRule({
  code: 'PG220',
  name: 'opaque-block',
  level: 'warning',
  doc: {
    what: 'Runs a DO block.',
    why: 'What it executes cannot be read here: none of the rules holds for it.',
    lock: 'Unknown.',
    safe: 'Plain statements, or polyshift operations; say in a polyshift-lint-ignore what it locks.',
  },
  examples: {
    unsafe: ["DO 'BEGIN EXECUTE 1; END'"],
    safe: ['SELECT 1'],
  },
  *check(statement) {
    if (statement.kind === 'DoStmt') yield { message: 'What this block executes is not checked.' };
  },
});
