import { type Check, checkThat, fail, type Operation, type PlannedStep, pass } from '@polyshift/core';
import { readTable, requireColumn } from '../catalog/table.ts';
import { checkLength, requireTable } from '../catalog/table-name.ts';
import { addKey, addNotNull, addThenValidate, dropConstraintIfThere, notNullHelper } from '../constraints/add.ts';
import { checkRows } from '../constraints/check-rows.ts';
import { compileConstraint, keyIndex } from '../constraints/compile.ts';
import { findConstraint } from '../constraints/existing.ts';
import type { Connection } from '../database.ts';
import { dropAside } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlTransaction } from '../handler/marks.ts';
import { readNotNull } from '../handler/not-null.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { cutIdentifier, quote, quoteList, quoteQualified } from '../identifiers.ts';
import { dropConcurrently, findIndex } from '../indexes/build.ts';
import { stepScript } from '../script/step-script.ts';
import { parseSql } from '../sql-parser.ts';
import { nameHolder } from './rename-collection.ts';

type Operate = Operation<'add_constraint'>;
/** `nullable`: columns that were nullable before; `existed`: a not_null that was there already. */
type Undo = { nullable: string[]; existed: boolean };

/** add_constraint: in steps that let everybody write on; each step looks whether it is done. */
export const addConstraint: HandlerFactory<'add_constraint', Undo> = (context) => {
  const { database } = context;
  return {
    async plan(operation, planContext) {
      const table = await plannedTable(database, planContext, operation.collection);
      return planSteps(operation, table.sql, table.rows);
    },
    check: (operation) =>
      collectChecks(() => database.transaction((connection) => checkConstraint(operation, connection), { roll_back: true })),
    async prepare({ collection, data: { constraint } }) {
      return await database.transaction(async (connection) => {
        const table = await readTable(connection, collection);
        const fields =
          constraint.kind === 'not_null' ? [constraint.field] : constraint.kind === 'primary_key' ? constraint.fields : [];
        const nullable = fields.filter((field) => requireColumn(table, field).nullable);
        return { nullable, existed: constraint.kind === 'not_null' && nullable.length === 0 };
      });
    },
    async *execute({ collection, data: { name, constraint } }, undo, run) {
      switch (constraint.kind) {
        case 'check':
          await addThenValidate(database, run, collection, name, compileConstraint(constraint, ''));
          break;
        case 'foreign_key': {
          const other = await database.transaction((connection) => requireTable(connection, constraint.references.collection));
          await addThenValidate(database, run, collection, name, compileConstraint(constraint, other.sql));
          break;
        }
        case 'not_null':
          if (!undo.existed) await addNotNull(context, run, collection, constraint.field, name);
          break;
        case 'primary_key':
        case 'unique': {
          for (const field of undo.nullable) await addNotNull(context, run, collection, field, keyColumnName(collection, field));
          const table = await database.transaction((connection) => requireTable(connection, collection));
          const type = constraint.kind === 'unique' ? 'UNIQUE' : 'PRIMARY KEY';
          await addKey(database, run, collection, { name, type, index: keyIndex(constraint, name, table.sql) });
        }
      }
      yield { rows_done: 0 };
    },
    async verify({ collection, data: { name, constraint } }) {
      return await database.transaction(async (connection) => {
        const table = await readTable(connection, collection);
        const found = await findConstraint(connection, table.oid, name);
        if (constraint.kind === 'not_null') {
          // A column counts as NOT NULL while the rows from before have not been looked at yet.
          const proven = !requireColumn(table, constraint.field).nullable && found?.validated !== false;
          return [
            checkThat(proven, 'constraint_valid', {
              pass: `${constraint.field} is NOT NULL`,
              fail: `${constraint.field} may still be null`,
              action: 'Run again.',
            }),
          ];
        }
        return [
          checkThat(found?.validated === true, 'constraint_valid', {
            pass: `the constraint ${name} is there and valid`,
            fail: found ? `the constraint ${name} is not validated` : `there is no constraint ${name}`,
            action: 'Run again.',
          }),
        ];
      });
    },
    async *rollback({ collection, data: { name, constraint } }, undo, run) {
      await dropConstraintIfThere(database, run, collection, notNullHelper(run));
      if (constraint.kind !== 'not_null') {
        await dropConstraintIfThere(database, run, collection, name);
        const table = await database.transaction((connection) => requireTable(connection, collection));
        const left =
          constraint.kind === 'unique' || constraint.kind === 'primary_key'
            ? await findIndex(database, table.schema, name)
            : undefined;
        if (left?.table === table.oid) await dropConcurrently(database, run, { schema: table.schema, name });
      }
      for (const field of undo.nullable) {
        await ddlTransaction(database, run, async (connection) => {
          const table = await readTable(connection, collection);
          const { number } = requireColumn(table, field);
          // A constraint that was not validated yet is no NOT NULL yet, but is one to drop.
          await connection.execute(
            `ALTER TABLE ${table.sql} DROP CONSTRAINT IF EXISTS ${quote(constraint.kind === 'not_null' ? name : keyColumnName(collection, field))}`,
          );
          if ((await readNotNull(connection, table.oid, number)) !== undefined) {
            await connection.execute(`ALTER TABLE ${table.sql} ALTER COLUMN ${quote(field)} DROP NOT NULL`);
          }
        });
      }
      yield { rows_done: 0 };
    },
    async discard(_operation, _undo, run) {
      await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
    },
    script: stepScript(database, {
      rollback({ collection, data: { name, constraint } }, undo, { table, step }) {
        const dropped = [
          notNullHelper(step),
          ...(constraint.kind === 'not_null' ? [] : [name]),
          ...undo.nullable.map((field) => (constraint.kind === 'not_null' ? name : keyColumnName(collection, field))),
        ];
        const indexed = constraint.kind === 'unique' || constraint.kind === 'primary_key';
        return [
          ...dropped.map((each) => `ALTER TABLE ${table.sql} DROP CONSTRAINT IF EXISTS ${quote(each)}`),
          ...(indexed && step.state !== 'done' ? [`DROP INDEX IF EXISTS ${quoteQualified(table.schema, name)}`] : []),
          ...undo.nullable.map((field) => `ALTER TABLE ${table.sql} ALTER COLUMN ${quote(field)} DROP NOT NULL`),
        ];
      },
    }),
  };
};

/** The name that the server itself would give to the NOT NULL of a key's column. */
function keyColumnName(collection: string, field: string): string {
  return cutIdentifier(`${collection.slice(collection.lastIndexOf('.') + 1)}_${field}_not_null`);
}

async function checkConstraint({ collection, data }: Operate, connection: Connection): Promise<Check[]> {
  const { name, constraint } = data;
  const table = await readTable(connection, collection);
  checkLength(name);
  const checks: Check[] = [];
  if (await findConstraint(connection, table.oid, name)) {
    return [
      fail('name_free', `${collection} already has a constraint ${name}`, 'Choose another name, or drop that constraint first.'),
    ];
  }
  if (constraint.kind === 'unique' || constraint.kind === 'primary_key') {
    const holder = await nameHolder(connection, table.schema, name);
    const invalid = holder === 'index' && (await findIndex(connection, table.schema, name))?.valid === false;
    if (holder !== undefined && !invalid)
      return [fail('name_free', `there is already a ${holder} ${name}`, 'Choose another name.')];
    if (constraint.kind === 'primary_key' && table.primaryKey.length > 0) {
      return [fail('one_primary_key', `${collection} already has a primary key`, 'Drop it first, by drop_constraint.')];
    }
    if (table.kind === 'p')
      return [fail('plain_table', `${collection} is partitioned`, 'Add the key by run_sql with up and down.')];
  }
  if (constraint.kind === 'check' && (await parseSql(`SELECT (${constraint.expression}\n)`)).length !== 1) {
    return [fail('statement_valid', 'the check is more than one expression', 'Write one condition.')];
  }
  checks.push(pass('name_free', `the name ${name} is free`));
  return [...checks, ...(await checkRows(connection, table, constraint))];
}

function planSteps({ collection, data: { name, constraint } }: Operate, table: string, rows: number | undefined): PlannedStep[] {
  const undo = `Drops the constraint ${name}.`;
  const step = (statement: string, mode: string, held: 'instant' | 'while it scans'): PlannedStep => ({
    statement,
    phase: 'contract',
    lock: { mode: `${mode} on ${collection}`, held },
    rows,
    risk: 'none',
    undo,
  });
  const add = `ALTER TABLE ${table} ADD CONSTRAINT ${quote(name)}`;
  const validation = step(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${quote(name)}`, 'SHARE UPDATE EXCLUSIVE', 'while it scans');
  switch (constraint.kind) {
    case 'check':
      return [step(`${add} ${compileConstraint(constraint, '')} NOT VALID`, 'ACCESS EXCLUSIVE', 'instant'), validation];
    case 'foreign_key': {
      const references = constraint.references.collection.split('.').map(quote).join('.');
      return [
        step(`${add} ${compileConstraint(constraint, references)} NOT VALID`, 'SHARE ROW EXCLUSIVE', 'instant'),
        validation,
      ];
    }
    case 'not_null':
      return [step(`${add} NOT NULL ${quote(constraint.field)} NOT VALID`, 'ACCESS EXCLUSIVE', 'instant'), validation];
    default:
      return [
        step(keyIndex(constraint, name, table), 'SHARE UPDATE EXCLUSIVE', 'while it scans'),
        step(
          `${add} ${constraint.kind === 'unique' ? 'UNIQUE' : 'PRIMARY KEY'} USING INDEX ${quote(name)} -- ${quoteList(constraint.fields)}`,
          'ACCESS EXCLUSIVE',
          'instant',
        ),
      ];
  }
}
