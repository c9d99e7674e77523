import { type Check, checkThat, fail, listExamples, type Operation, PolyshiftError, pass, warn } from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import type { ColumnOf } from '../conditions.ts';
import type { Connection } from '../connection.ts';
import type { HandlerContext, HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote } from '../identifiers.ts';
import { planAlter } from '../online-ddl/plan-alter.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import { compileValidation, type ValidationCheck } from '../validation/compile.ts';
import {
  type KeptConstraint,
  presentNames,
  replaceConstraints,
  replacement,
  replaceScript,
  toConstraints,
  validationConstraints,
} from '../validation/state.ts';

type Operate = Operation<'schema_validation'>;
/** The constraints of the validation schema that was there, with the text of the schema. */
type Undo = { constraints: KeptConstraint[] };

/**
 * schema_validation: the schema becomes named CHECK constraints in place of those of the schema before it, in one statement. `moderate` leaves the
 * rows alone that are there, where the server can add a check without looking at them (MariaDB).
 */
export const schemaValidation: HandlerFactory<'schema_validation', Undo> = (context) =>
  ddlHandler<'schema_validation', Undo>(context, {
    async plan(operation, planContext) {
      refuseWarn(operation);
      const table = await plannedTable(context.database, planContext, operation.collection);
      const wanted = wantedConstraints(operation, (field) => table.column(field));
      const changes = table.live ? replacement(table.live, wanted) : undefined;
      return [
        await planAlter(context.database, {
          table,
          changes: changes ?? wanted.map(({ definition }) => `ADD ${definition}`).join(', '),
          inplace: 'while it scans',
          phase: 'contract',
          undo: 'Brings back the validation schema that was there, or none.',
        }),
      ];
    },
    check: (operation, connection) => checkSchema(context, operation, connection),
    async prepare({ collection }, connection) {
      return { constraints: validationConstraints(await readTable(connection, collection)) };
    },
    async apply(operation, _undo, connection) {
      const table = await readTable(connection, operation.collection);
      const wanted = wantedConstraints(operation, (field) => requireColumn(table, field));
      await replaceConstraints(connection, table, wanted, context.dialect, operation.data.level === 'moderate');
      return { names: wanted.map(({ name }) => name) };
    },
    async verify(operation, _undo, connection, detail) {
      const table = await readTable(connection, operation.collection);
      const found = validationConstraints(table);
      const missing = wantedConstraints(operation, (field) => requireColumn(table, field)).filter(
        ({ name }) => !found.some((each) => each.name === name),
      );
      return [
        checkThat(detail !== undefined && missing.length === 0, 'validation_set', {
          pass: `${found.length} constraints carry the validation schema`,
          fail: `constraints are missing: ${missing.map(({ name }) => name).join(', ')}`,
          action: 'Run again.',
        }),
      ];
    },
    script(_operation, undo, { table, live, detail }) {
      const present = presentNames(live, (detail['names'] ?? []) as string[]);
      return replaceScript(table.sql, present, undo.constraints, context.dialect, true);
    },
    async revert({ collection }, undo, connection) {
      await replaceConstraints(connection, await readTable(connection, collection), undo.constraints, context.dialect, true);
      return undefined;
    },
  });

function wantedConstraints({ collection, data }: Operate, columnOf: ColumnOf): KeptConstraint[] {
  const { schema, level, action } = data;
  const checks = compileValidation(schema, collection, columnOf);
  return toConstraints(collection, checks, { schema, level, action }, level);
}

function refuseWarn({ data }: Operate): void {
  if (data.action !== 'warn') return;
  throw new PolyshiftError('UNSUPPORTED_OPERATION', 'MySQL has no constraint that only warns: action warn is not carried.', {
    hint: 'Use action error.',
  });
}

async function checkSchema(context: HandlerContext, operation: Operate, connection: Connection): Promise<Check[]> {
  refuseWarn(operation);
  const { collection, data } = operation;
  const table = await readTable(connection, collection);
  const checks = compileValidation(data.schema, collection, (field) => requireColumn(table, field));
  const twice = checks.find((check, index) => checks.findIndex((each) => each.name === check.name) !== index);
  if (twice)
    throw new PolyshiftError('INVALID_DOCUMENT', `The schema demands ${twice.name} twice.`, { place: { path: 'data.schema' } });
  if (data.level === 'off' || checks.length === 0) return [pass('rows_valid', 'the schema demands nothing of the rows')];
  await onTrialTable(connection, table.sql, async (trial) => {
    for (const { condition } of checks) await connection.execute(`ALTER TABLE ${trial} ADD CHECK (${condition})`);
  });
  const results: Check[] = [];
  for (const check of checks) results.push(await rowsCheck(context, connection, table, check, data.level));
  return results;
}

async function rowsCheck(
  { dialect }: HandlerContext,
  connection: Connection,
  table: Table,
  { name, condition }: ValidationCheck,
  level: 'strict' | 'moderate' | 'off',
): Promise<Check> {
  const where = `NOT (${condition})`;
  const row = await connection.row<{ count: string }>(`SELECT COUNT(*) AS count FROM ${table.sql} WHERE ${where}`);
  const count = Number(row!.count);
  if (count === 0) return pass('rows_valid', `every row fulfils ${name}`);
  const keys = table.rowKey.map(quote).join(', ');
  const found = keys === '' ? [] : await connection.values(`SELECT ${keys} FROM ${table.sql} WHERE ${where} LIMIT 5`);
  const examples = found.map((key) => `${table.rowKey.join(', ')}=${key.join(', ')}`);
  const message = `${count} rows of ${table.name} break ${name}: ${condition}${listExamples({ count, examples })}`;
  if (level === 'moderate' && dialect.uncheckedChecks)
    return warn('rows_valid', message, 'They stay; an update of such a row must correct it.');
  const why = level === 'moderate' ? 'This server looks at every row when a constraint is added: correct' : 'Correct';
  return fail('rows_valid', message, `${why} these rows first.`, { rows: count });
}
