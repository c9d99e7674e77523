import { checkThat, fail, pass } from '@polyshift/core';
import { readTable } from '../catalog/table.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { type KeptConstraint, readValidationConstraints, replaceConstraints, replaceStatements } from '../validation/state.ts';

type Undo = { constraints: KeptConstraint[] };

/** drop_validation: drops the CHECK constraints of the validation schema; rollback adds them again to the letter. */
export const dropValidation: HandlerFactory<'drop_validation', Undo> = (context) =>
  transactionalHandler<'drop_validation', Undo>(context, {
    async plan({ collection }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      return [
        {
          statement: `ALTER TABLE ${table.sql} DROP CONSTRAINT ... -- those of the validation schema`,
          phase: 'expand',
          lock: { mode: `ACCESS EXCLUSIVE on ${collection}`, held: 'instant' },
          risk: 'none',
          undo: 'Adds the constraints again as they were.',
        },
      ];
    },
    async check({ collection }, connection) {
      const table = await readTable(connection, collection);
      const found = await readValidationConstraints(connection, table.oid);
      return [
        found.length > 0
          ? pass('validation_exists', `${collection} has a validation schema of ${found.length} constraints`)
          : fail('validation_exists', `${collection} has no validation schema`, 'Remove the operation.'),
      ];
    },
    async prepare({ collection }, connection) {
      return { constraints: await readValidationConstraints(connection, (await readTable(connection, collection)).oid) };
    },
    async apply({ collection }, _undo, connection) {
      await replaceConstraints(connection, await readTable(connection, collection), []);
      return {};
    },
    async verify({ collection }, _undo, connection) {
      const found = await readValidationConstraints(connection, (await readTable(connection, collection)).oid);
      return [
        checkThat(found.length === 0, 'validation_absent', {
          pass: `${collection} has no validation schema any more`,
          fail: `constraints are still there: ${found.map(({ name }) => name).join(', ')}`,
          action: 'Run again.',
        }),
      ];
    },
    script(_operation, undo, { table }) {
      return replaceStatements(table.sql, undo.constraints);
    },
  });
