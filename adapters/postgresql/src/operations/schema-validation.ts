import { type Check, checkThat, fail, listExamples, type Operation, PolyshiftError, pass, warn } from '@polyshift/core';
import { readTable, requireColumn } from '../catalog/table.ts';
import { requireTable } from '../catalog/table-name.ts';
import { validate } from '../constraints/add.ts';
import type { Connection } from '../database.ts';
import { dropAside } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { findRows } from '../handler/examples.ts';
import { ddlTransaction, once, readMark, undoOnce } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote } from '../identifiers.ts';
import { stepScript } from '../script/step-script.ts';
import { compileValidation } from '../validation/compile.ts';
import {
  type KeptConstraint,
  readValidationConstraints,
  replaceConstraints,
  replaceStatements,
  toConstraints,
} from '../validation/state.ts';

type Operate = Operation<'schema_validation'>;
/** The constraints of the validation schema that was there, with the text of the schema. */
type Undo = { constraints: KeptConstraint[] };

const mark = 'validation_set';

/**
 * schema_validation: the schema becomes named CHECK constraints in place of those of the schema before it. `strict` also validates the rows that
 * are there; `moderate` leaves old rows as they are.
 */
export const schemaValidation: HandlerFactory<'schema_validation', Undo> = ({ database }) => ({
  async plan(operation, planContext) {
    refuseWarn(operation);
    const { collection, data } = operation;
    const table = await plannedTable(database, planContext, collection);
    const checks = compileValidation(data.schema, (field) => table.column(field));
    return toConstraints(checks, definitionOf(operation), data.level).flatMap(({ name, definition }) => [
      {
        statement: `ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(name)} ${definition}`,
        phase: 'contract' as const,
        lock: { mode: `ACCESS EXCLUSIVE on ${collection}`, held: 'instant' as const },
        rows: table.rows,
        risk: 'blocks_writes' as const,
        undo: 'Brings back the validation schema that was there, or none.',
      },
    ]);
  },
  check: (operation) =>
    collectChecks(() => database.transaction((connection) => checkSchema(operation, connection), { roll_back: true })),
  async prepare({ collection }) {
    return await database.transaction(async (connection) => {
      const table = await readTable(connection, collection);
      return { constraints: await readValidationConstraints(connection, table.oid) };
    });
  },
  async *execute(operation, _undo, run) {
    const { collection, data } = operation;
    await once(database, run, mark, async (connection) => {
      const table = await readTable(connection, collection);
      const checks = compileValidation(data.schema, (field) => requireColumn(table, field));
      await replaceConstraints(connection, table, toConstraints(checks, definitionOf(operation), data.level));
      return {};
    });
    await run.fault('constraints_added');
    if (data.level === 'strict') {
      const { table, names } = await database.transaction(async (connection) => {
        const found = await readTable(connection, collection);
        return { table: found, names: (await readValidationConstraints(connection, found.oid)).map(({ name }) => name) };
      });
      for (const name of names) await validate(database, run, table, name);
    }
    yield { rows_done: 0 };
  },
  async verify(operation, _undo, run) {
    const { collection, data } = operation;
    return await database.transaction(async (connection): Promise<Check[]> => {
      const table = await readTable(connection, collection);
      const found = await readValidationConstraints(connection, table.oid);
      const checks = compileValidation(data.schema, (field) => requireColumn(table, field));
      const missing = toConstraints(checks, definitionOf(operation), data.level).filter(
        ({ name }) => !found.some((each) => each.name === name),
      );
      const open = data.level === 'strict' ? found.filter(({ definition }) => definition.endsWith('NOT VALID')) : [];
      const done = (await readMark(connection, run.aside, mark)) !== undefined;
      return [
        checkThat(done && missing.length === 0 && open.length === 0, 'validation_set', {
          pass: `${found.length} constraints carry the validation schema`,
          fail: `constraints are missing or not validated: ${[...missing, ...open].map(({ name }) => name).join(', ')}`,
          action: 'Run again.',
        }),
      ];
    });
  },
  async *rollback({ collection }, undo, run) {
    await undoOnce(database, run, mark, async (connection) => {
      const table = await requireTable(connection, collection);
      for (const statement of replaceStatements(table.sql, undo.constraints)) await connection.execute(statement);
    });
    yield { rows_done: 0 };
  },
  async discard(_operation, _undo, run) {
    await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
  },
  script: stepScript(database, {
    mark,
    rollback: (_operation, undo, { table }) => replaceStatements(table.sql, undo.constraints),
  }),
});

function definitionOf({ data }: Operate): object {
  return { schema: data.schema, level: data.level, action: data.action };
}

function refuseWarn({ data }: Operate): void {
  if (data.action !== 'warn') return;
  throw new PolyshiftError('UNSUPPORTED_OPERATION', 'PostgreSQL has no constraint that only warns: action warn is not carried.', {
    hint: 'Use action error, with level moderate to leave the rows alone that are there.',
  });
}

async function checkSchema(operation: Operate, connection: Connection): Promise<Check[]> {
  refuseWarn(operation);
  const { collection, data } = operation;
  const table = await readTable(connection, collection);
  const checks = compileValidation(data.schema, (field) => requireColumn(table, field));
  const twice = checks.find((check, index) => checks.findIndex((each) => each.name === check.name) !== index);
  if (twice)
    throw new PolyshiftError('INVALID_DOCUMENT', `The schema demands ${twice.name} twice.`, { place: { path: 'data.schema' } });
  const results: Check[] = [];
  for (const { name, condition } of data.level === 'off' ? [] : checks) {
    const found = await findRows(connection, table, `(${condition}) IS FALSE`, { alias: table.name });
    const message = `${found.count} rows of ${collection} break ${name}: ${condition}${listExamples(found)}`;
    if (found.count === 0) results.push(pass('rows_valid', `every row fulfils ${name}`));
    else if (data.level === 'moderate')
      results.push(warn('rows_valid', message, 'They stay; an update of such a row must correct it.'));
    else results.push(fail('rows_valid', message, 'Correct these rows first, or use level moderate.', { rows: found.count }));
  }
  return results.length > 0 ? results : [pass('rows_valid', 'the schema demands nothing of the rows')];
}
