import { type Check, checkThat, fail, type JsonObject, listExamples, PolyshiftError, pass } from '@polyshift/core';
import { describeTable } from '../catalog/describe.ts';
import { readTable, requireColumn, withQualifiedNames } from '../catalog/table.ts';
import { addKey, addThenValidate, asWrittenSince } from '../constraints/add.ts';
import { findConstraint } from '../constraints/existing.ts';
import type { Connection } from '../database.ts';
import { dropAside } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { findRows } from '../handler/examples.ts';
import { ddlTransaction, once, readMark, undoOnce } from '../handler/marks.ts';
import { readNotNull, restoreNotNull } from '../handler/not-null.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { concurrently, furtherStatements } from '../indexes/build.ts';
import { refuseRows } from '../script/block.ts';
import { stepScript } from '../script/step-script.ts';

/** What the constraint was; `index` where it was carried by one; for a not-null constraint only its name, if it had one. */
type Undo = {
  kind: 'constraint' | 'not_null';
  schema: string;
  name: string | null;
  type: string;
  definition: string;
  validated: boolean;
  comment: string | null;
  index: JsonObject | null;
};

const mark = 'constraint_dropped';

/** drop_constraint: the definition is kept; rollback adds it again in steps that let everybody write on. */
export const dropConstraint: HandlerFactory<'drop_constraint', Undo> = ({ database }) => ({
  async plan({ collection, data }, planContext) {
    const table = await plannedTable(database, planContext, collection);
    return [
      {
        statement:
          data.not_null === undefined
            ? `ALTER TABLE ${table.sql} DROP CONSTRAINT ${quote(data.name)}`
            : `ALTER TABLE ${table.sql} ALTER COLUMN ${quote(table.column(data.not_null).name)} DROP NOT NULL`,
        phase: 'expand',
        lock: { mode: `ACCESS EXCLUSIVE on ${collection}`, held: 'instant' },
        risk: 'none',
        undo: 'Adds the constraint again; refused where rows written since break it.',
      },
    ];
  },
  check: ({ collection, data }) =>
    collectChecks(() =>
      database.transaction(async (connection) => {
        const table = await readTable(connection, collection);
        if (data.not_null !== undefined) return [checkNotNull(requireColumn(table, data.not_null), table.primaryKey)];
        return await checkNamed(connection, table.oid, collection, data.name);
      }),
    ),
  async prepare({ collection, data }) {
    return await database.transaction(async (connection): Promise<Undo> => {
      const table = await readTable(connection, collection);
      if (data.not_null !== undefined) {
        const { number } = requireColumn(table, data.not_null);
        const name = (await readNotNull(connection, table.oid, number)) ?? null;
        return {
          kind: 'not_null',
          schema: table.schema,
          name,
          type: 'n',
          definition: '',
          validated: true,
          comment: null,
          index: null,
        };
      }
      const found = await withQualifiedNames(connection, () => findConstraint(connection, table.oid, data.name));
      if (!found) throw new PolyshiftError('UNKNOWN_FIELD', `${collection} has no constraint ${data.name}.`);
      const schema = await describeTable(connection, table);
      const index = schema.indexes.find((each) => each.name === data.name && 'pux'.includes(found.type));
      return { kind: 'constraint', schema: table.schema, ...found, index: (index?.definition ?? null) as JsonObject | null };
    });
  },
  async *execute({ collection, data }, _undo, run) {
    await run.fault('before');
    await once(database, run, mark, async (connection) => {
      const table = await readTable(connection, collection);
      await connection.execute(
        data.not_null === undefined
          ? `ALTER TABLE ${table.sql} DROP CONSTRAINT ${quote(data.name)}`
          : `ALTER TABLE ${table.sql} ALTER COLUMN ${quote(data.not_null)} DROP NOT NULL`,
      );
      return {};
    });
    yield { rows_done: 0 };
  },
  async verify({ collection, data }) {
    return await database.transaction(async (connection) => {
      const table = await readTable(connection, collection);
      const gone =
        data.not_null === undefined
          ? !(await isThere(connection, table.oid, data.name))
          : requireColumn(table, data.not_null).nullable;
      return [
        checkThat(gone, 'constraint_absent', {
          pass: `${data.not_null === undefined ? `the constraint ${data.name}` : `NOT NULL of ${data.not_null}`} is gone`,
          fail: `${data.name} is still there`,
          action: 'Run again.',
        }),
      ];
    });
  },
  async *rollback({ collection, data }, undo, run) {
    if ((await readMark(database, run.aside, mark)) !== undefined) {
      if (data.not_null !== undefined) {
        const field = data.not_null;
        await undoOnce(database, run, mark, async (connection) => {
          const table = await readTable(connection, collection);
          const nulls = await findRows(connection, table, `${quote(field)} IS NULL`);
          if (nulls.count > 0) {
            throw new PolyshiftError(
              'WRITTEN_SINCE',
              `${nulls.count} rows of ${collection} have null in ${field} now${listExamples(nulls)}.`,
              {
                hint: 'Give these rows a value, then roll back again.',
              },
            );
          }
          await connection.execute(restoreNotNull(table.sql, field, undo.name));
        });
      } else {
        try {
          if (undo.index !== null && undo.type !== 'x') {
            await addKey(database, run, collection, {
              name: undo.name!,
              type: keyType(undo),
              index: concurrently(String(undo.index['sql'])),
              suffix: deferral(undo),
            });
          } else if (undo.type === 'x' || undo.type === 'n') {
            await ddlTransaction(database, run, async (connection) => {
              const table = await readTable(connection, collection);
              if (await findConstraint(connection, table.oid, undo.name!)) return;
              await connection.execute(`ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(undo.name!)} ${undo.definition}`);
            });
          } else await addBack(undo);
        } catch (error) {
          throw asWrittenSince(error, data.name);
        }
        await undoOnce(database, run, mark, (connection) => decorate(connection, collection, undo));
      }
    }
    yield { rows_done: 0 };

    async function addBack(kept: Undo): Promise<void> {
      const definition = kept.definition.replace(/ NOT VALID$/, '');
      if (kept.validated) return await addThenValidate(database, run, collection, kept.name!, definition);
      await ddlTransaction(database, run, async (connection) => {
        const table = await readTable(connection, collection);
        if (await findConstraint(connection, table.oid, kept.name!)) return;
        await connection.execute(`ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(kept.name!)} ${definition} NOT VALID`);
      });
    }
  },
  async discard(_operation, _undo, run) {
    await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
  },
  script: stepScript(database, {
    mark,
    rollback({ collection, data }, undo, { table, step }) {
      const field = data.not_null;
      if (field !== undefined) {
        const message = `rows of ${collection} have null in ${field} now`;
        return [
          `LOCK TABLE ${table.sql} IN ACCESS EXCLUSIVE MODE`,
          refuseRows(
            `${table.sql} WHERE ${quote(field)} IS NULL`,
            message,
            'Give these rows a value, then run the script again.',
          ),
          restoreNotNull(table.sql, field, undo.name),
        ];
      }
      const name = quote(undo.name!);
      return [
        // A way back that stopped part-way may have it already, or the index that is to carry it.
        ...(step.state === 'done'
          ? []
          : [
              `ALTER TABLE ${table.sql} DROP CONSTRAINT IF EXISTS ${name}`,
              `DROP INDEX IF EXISTS ${quoteQualified(undo.schema, undo.name!)}`,
            ]),
        ...addBackStatements(table.sql, undo),
        ...decorations(table.sql, undo),
      ];
    },
  }),
});

function checkNotNull(column: { name: string; nullable: boolean; generated: string | undefined }, key: readonly string[]): Check {
  if (key.includes(column.name))
    return fail('key_field', `${column.name} is part of the primary key`, 'Drop the primary key instead.');
  if (column.generated?.startsWith('identity'))
    return fail('identity', `${column.name} is an identity column`, 'Drop the identity first.');
  return checkThat(!column.nullable, 'constraint_exists', {
    pass: `${column.name} is NOT NULL`,
    fail: `${column.name} may be null already`,
    action: 'Remove the operation.',
  });
}

async function checkNamed(connection: Connection, oid: number, collection: string, name: string): Promise<Check[]> {
  const found = await findConstraint(connection, oid, name);
  if (!found) return [fail('constraint_exists', `${collection} has no constraint ${name}`, 'Correct the name.')];
  const users = await connection.rows<{ name: string }>(
    `SELECT f.conname || ' of ' || f.conrelid::regclass AS name FROM pg_constraint f JOIN pg_constraint c ON c.conindid = f.conindid
     WHERE f.contype = 'f' AND c.conrelid = $1 AND c.conname = $2 AND c.contype IN ('p', 'u')`,
    [oid, name],
  );
  return [
    pass('constraint_exists', `${collection} has the constraint ${name}`),
    checkThat(users.length === 0, 'dependents', {
      pass: `no foreign key needs ${name}`,
      fail: `foreign keys need ${name}: ${users.map((row) => row.name).join(', ')}`,
      action: 'Drop these first.',
    }),
  ];
}

/** Whether the table has the constraint, or an index that is to carry it. */
async function isThere(connection: Connection, oid: number, name: string): Promise<boolean> {
  if (await findConstraint(connection, oid, name)) return true;
  const indexes = await connection.rows(
    'SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1 AND c.relname = $2',
    [oid, name],
  );
  return indexes.length > 0;
}

/** The statements that add the constraint again in one go; rows that break it fail them. */
function addBackStatements(table: string, undo: Undo): string[] {
  const add = `ALTER TABLE ${table} ADD CONSTRAINT ${quote(undo.name!)}`;
  if (undo.index === null || undo.type === 'x') return [`${add} ${undo.definition}`];
  return [String(undo.index['sql']), `${add} ${keyType(undo)} USING INDEX ${quote(undo.name!)}${deferral(undo)}`];
}

function keyType({ type }: Undo): 'PRIMARY KEY' | 'UNIQUE' {
  return type === 'p' ? 'PRIMARY KEY' : 'UNIQUE';
}

function deferral({ definition }: Undo): string {
  return / DEFERRABLE.*$/.exec(definition)?.[0] ?? '';
}

/** What adding it again does not bring: comments, and what the table does with the index. */
async function decorate(connection: Connection, collection: string, undo: Undo): Promise<void> {
  const table = await readTable(connection, collection);
  for (const statement of decorations(table.sql, undo)) await connection.execute(statement);
}

function decorations(table: string, undo: Undo): string[] {
  const name = undo.name!;
  return [
    ...(undo.comment === null ? [] : [`COMMENT ON CONSTRAINT ${quote(name)} ON ${table} IS ${literal(undo.comment)}`]),
    ...furtherStatements(table, { schema: undo.schema, name }, undo.index ?? {}, literal),
  ];
}
