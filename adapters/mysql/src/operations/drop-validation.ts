import { checkThat, fail, pass } from '@polyshift/core';
import { readTable } from '../catalog/table.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { asWrittenSince } from '../handler/written-since.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import {
  type KeptConstraint,
  presentNames,
  replaceConstraints,
  replacement,
  replaceScript,
  validationConstraints,
} from '../validation/state.ts';

type Undo = { constraints: KeptConstraint[] };

/** drop_validation: drops the CHECK constraints of the validation schema; rollback adds them again to the letter. */
export const dropValidation: HandlerFactory<'drop_validation', Undo> = (context) =>
  ddlHandler<'drop_validation', Undo>(context, {
    async plan({ collection }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      return [
        await planAlter(context.database, {
          table,
          changes: (table.live && replacement(table.live, [])) ?? 'DROP CONSTRAINT ... -- those of the validation schema',
          inplace: 'instant',
          phase: 'expand',
          undo: 'Adds the constraints again as they were.',
        }),
      ];
    },
    async check({ collection }, connection) {
      const found = validationConstraints(await readTable(connection, collection));
      return [
        found.length > 0
          ? pass('validation_exists', `${collection} has a validation schema of ${found.length} constraints`)
          : fail('validation_exists', `${collection} has no validation schema`, 'Remove the operation.'),
      ];
    },
    async prepare({ collection }, connection) {
      return { constraints: validationConstraints(await readTable(connection, collection)) };
    },
    async apply({ collection }, _undo, connection) {
      await replaceConstraints(connection, await readTable(connection, collection), [], context.dialect, false);
      return {};
    },
    async verify({ collection }, _undo, connection) {
      const found = validationConstraints(await readTable(connection, collection));
      return [
        checkThat(found.length === 0, 'validation_absent', {
          pass: `${collection} has no validation schema any more`,
          fail: `constraints are still there: ${found.map(({ name }) => name).join(', ')}`,
          action: 'Run again.',
        }),
      ];
    },
    script: (_operation, undo, { table, live }) =>
      replaceScript(table.sql, presentNames(live, []), undo.constraints, context.dialect, false),
    async revert({ collection }, undo, connection) {
      try {
        await replaceConstraints(connection, await readTable(connection, collection), undo.constraints, context.dialect, false);
      } catch (error) {
        throw asWrittenSince(error, 'the validation schema');
      }
      return undefined;
    },
  });
