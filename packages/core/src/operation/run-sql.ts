import { z } from 'zod';
import { defineOperation } from './operation.ts';

/** See the summary; `data` is documented field by field in its schema. */
export const runSql = defineOperation({
  type: 'run_sql',
  summary:
    'Runs SQL as it is written, in one transaction where the store can; `NNN_name.up.sql` with its `.down.sql` is this operation.',
  undo: 'Runs the `down` script; without one, rollback is refused before anything is undone.',
  example: {
    collection: '*',
    data: { up: 'CREATE VIEW adults AS SELECT * FROM users WHERE age >= 18', down: 'DROP VIEW adults' },
  },
  risk: 'user_defined',
  collectionless: true,
  data: z.strictObject({
    up: z.string().min(1).describe('statements to apply'),
    down: z.string().min(1).optional().describe('statements that take it back'),
    transaction: z
      .boolean()
      .default(true)
      .describe(
        'false runs statement by statement, for those that no transaction can hold (CREATE INDEX CONCURRENTLY); resumed at the statement',
      ),
  }),
});
