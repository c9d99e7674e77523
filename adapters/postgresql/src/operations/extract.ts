import { type Check, checkThat, fail, type Operation, PolyshiftError, pass } from '@polyshift/core';
import { readTable, requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import { findTable, newTableName, tableByOid } from '../catalog/table-name.ts';
import { compileConditions } from '../conditions.ts';
import type { Connection } from '../database.ts';
import { contentHash } from '../fingerprint.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { duplicateCheck } from '../handler/duplicates.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote, quoteList, quoteQualified } from '../identifiers.ts';
import { type Bind, inlineLiterals, Parameters } from '../parameters.ts';
import { nameHolder } from './rename-collection.ts';

type Operate = Operation<'extract'>;
type Undo = { schema: string; name: string };

/** extract: one transaction creates the table and copies the rows; what it then holds is kept as a hash, so that rollback sees later writes. */
export const extract: HandlerFactory<'extract', Undo> = (context) =>
  transactionalHandler<'extract', Undo>(context, {
    async plan(operation, planContext) {
      const table = await plannedTable(context.database, planContext, operation.collection);
      const names = fieldNames(
        operation,
        table.schema?.fields.map((field) => field.name) ?? table.live?.columns.map((each) => each.name) ?? [],
      );
      const list = names.map(({ from, to }) => `${quote(table.column(from).name)} AS ${quote(to)}`).join(', ');
      const where = compileConditions(operation.conditions, (field) => table.column(field), inlineLiterals);
      return [
        {
          statement: `CREATE TABLE ${operation.data.into.split('.').map(quote).join('.')} AS SELECT ${operation.data.distinct ? 'DISTINCT ' : ''}${list} FROM ${table.sql} WHERE ${where}`,
          phase: 'migrate',
          lock: { mode: `ACCESS SHARE on ${operation.collection}`, held: 'while it scans' },
          rows: table.rows,
          risk: 'none',
          undo: `Drops ${operation.data.into}; refused while it holds rows that were written since.`,
        },
      ];
    },
    check: checkExtract,
    async prepare({ data }, connection) {
      const { schema, name } = await newTableName(connection, data.into);
      return { schema, name };
    },
    async apply(operation, undo, connection) {
      const table = await readTable(connection, operation.collection);
      const target = quoteQualified(undo.schema, undo.name);
      const columns = targetColumns(operation, table);
      const definitions = columns.map(
        ({ column, to }) =>
          `${quote(to)} ${column.native}${column.collation === undefined ? '' : ` COLLATE ${column.collation}`}`,
      );
      await connection.execute(`CREATE TABLE ${target} (${definitions.join(', ')})`);
      const { text, values } = selectStatement(operation, table);
      await connection.rows(`INSERT INTO ${target} ${text}`, values);
      const { key } = operation.data;
      if (key && key.length > 0) await connection.execute(`ALTER TABLE ${target} ADD PRIMARY KEY (${quoteList(key)})`);
      const hash = await contentHash(
        connection,
        { sql: target },
        columns.map(({ to }) => to),
      );
      const row = await connection.row<{ oid: number }>('SELECT $1::regclass::oid AS oid', [target]);
      return { oid: row!.oid, ...hash };
    },
    async verify(operation, undo, connection, detail) {
      const table = detail && (await tableByOid(connection, Number(detail['oid'])));
      if (!table || table.name !== undo.name)
        return [fail('collection_exists', `${operation.data.into} is not there`, 'Run again.')];
      const source = await readTable(connection, operation.collection);
      const hash = await contentHash(
        connection,
        table,
        targetColumns(operation, source).map(({ to }) => to),
      );
      return [
        checkThat(hash.content === detail['content'], 'row_count', {
          pass: `${operation.data.into} holds the ${hash.count} rows that were copied`,
          fail: `${operation.data.into} holds ${hash.count} rows, ${String(detail['count'])} were copied`,
          action: 'See who writes to it.',
        }),
      ];
    },
    async revert({ data }, _undo, connection, detail) {
      const table = await tableByOid(connection, Number(detail['oid']));
      if (!table) return `${data.into} was gone already`;
      await connection.execute(`LOCK TABLE ${table.sql} IN ACCESS EXCLUSIVE MODE`);
      const names = (await readTable(connection, data.into)).columns.map((column) => column.name);
      const hash = await contentHash(connection, table, names);
      if (hash.content !== detail['content']) {
        throw new PolyshiftError(
          'WRITTEN_SINCE',
          `${data.into} was written to since: it holds ${hash.count} rows, ${String(detail['count'])} were copied.`,
          { hint: 'Keep these rows elsewhere and drop the table yourself, or go on forward.' },
        );
      }
      await connection.execute(`DROP TABLE ${table.sql}`);
      return undefined;
    },
  });

function fieldNames({ data }: Operate, all: readonly string[]): { from: string; to: string }[] {
  if (data.fields === undefined) return all.map((name) => ({ from: name, to: name }));
  if (Array.isArray(data.fields)) return data.fields.map((name) => ({ from: name, to: name }));
  return Object.entries(data.fields).map(([to, from]) => ({ from, to }));
}

function targetColumns(operation: Operate, table: Table): { column: TableColumn; to: string }[] {
  const all = table.columns.map((column) => column.name);
  return fieldNames(operation, all).map(({ from, to }) => ({ column: requireColumn(table, from), to }));
}

function selectStatement(operation: Operate, table: Table, literals?: Bind): { text: string; values: unknown[] } {
  const parameters = new Parameters();
  const list = targetColumns(operation, table).map(({ column, to }) => `${quote(column.name)} AS ${quote(to)}`);
  const where = compileConditions(operation.conditions, (field) => requireColumn(table, field), literals ?? parameters.bind);
  const text = `SELECT ${operation.data.distinct ? 'DISTINCT ' : ''}${list.join(', ')} FROM ${table.sql} WHERE ${where}`;
  return { text, values: parameters.values };
}

async function checkExtract(operation: Operate, connection: Connection): Promise<Check[]> {
  const { collection, data } = operation;
  const table = await readTable(connection, collection);
  const columns = targetColumns(operation, table);
  const target = await newTableName(connection, data.into);
  const holder = (await findTable(connection, data.into)) ? 'table' : await nameHolder(connection, target.schema, target.name);
  if (holder !== undefined)
    return [fail('name_free', `there is already a ${holder} ${data.into}`, 'Choose another name, or drop that one first.')];
  const plain = columns.find(({ column }) => column.pgType.name === 'json' || column.pgType.name === 'xml');
  if (data.distinct && plain) {
    throw new PolyshiftError(
      'UNSUPPORTED_OPERATION',
      `Values of ${plain.column.name} (${plain.column.native}) cannot be told apart: distinct does not work on them.`,
      {
        hint: 'Leave the field out, or change its type to jsonb first.',
      },
    );
  }
  const unknown = (data.key ?? []).find((field) => !columns.some(({ to }) => to === field));
  if (unknown !== undefined)
    throw new PolyshiftError('UNKNOWN_FIELD', `The key names ${unknown}, which is none of the fields.`, {
      place: { path: 'data.key' },
    });
  const checks = [pass('name_free', `the name ${data.into} is free`)];
  if (data.key && data.key.length > 0) {
    // The duplicates are counted in the rows as they will be copied.
    const { text } = selectStatement(operation, table, inlineLiterals);
    await connection.execute(`CREATE TEMPORARY TABLE polyshift_extract AS ${text}`);
    const copied = { name: data.into, sql: 'pg_temp.polyshift_extract' };
    checks.push(await duplicateCheck(connection, copied, data.key.map(quote), { nullsDistinct: false }));
    const nulls = await connection.row<{ count: string }>(
      `SELECT count(*) AS count FROM ${copied.sql} WHERE ${data.key.map((field) => `${quote(field)} IS NULL`).join(' OR ')}`,
    );
    checks.push(
      checkThat(Number(nulls!.count) === 0, 'null_values', {
        pass: 'no row lacks the key',
        fail: `${nulls!.count} rows have null in ${data.key.join(', ')}`,
        action: 'Leave these rows out by conditions.',
      }),
    );
  }
  return checks;
}
