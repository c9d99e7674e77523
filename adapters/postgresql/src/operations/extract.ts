import { type Check, checkThat, fail, type Operation, PolyshiftError, pass } from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import { findTable, newTableName, tableByOid } from '../catalog/table-name.ts';
import { compileConditions } from '../conditions.ts';
import type { Connection } from '../database.ts';
import { type ExtractedColumn, extractedColumns, extractedList } from '../expressions/extracted-columns.ts';
import { contentHash, sumsStatement } from '../fingerprint.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { duplicateCheck } from '../handler/duplicates.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { literal, quote, quoteList, quoteQualified } from '../identifiers.ts';
import { inlineLiterals, Parameters } from '../parameters.ts';
import { dropCreated, raise } from '../script/block.ts';
import { nameHolder } from './rename-collection.ts';

type Operate = Operation<'extract'>;
type Undo = { schema: string; name: string };

/** extract: one transaction creates the table and copies the rows; what it then holds is kept as a hash, so that rollback sees later writes. */
export const extract: HandlerFactory<'extract', Undo> = (context) =>
  transactionalHandler<'extract', Undo>(context, {
    async plan(operation, planContext) {
      const table = await plannedTable(context.database, planContext, operation.collection);
      const names = (table.schema?.fields ?? table.live?.columns ?? []).map((each) => each.name);
      const columns = extractedColumns(operation, { columns: names.map(table.column), column: table.column });
      const list = extractedList(columns, inlineLiterals);
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
      const columns = columnsOf(operation, table);
      await connection.execute(`CREATE TABLE ${target} (${definitions(columns)})`);
      const { text, values } = selectStatement(operation, table);
      await connection.rows(`INSERT INTO ${target} ${text}`, values);
      const { key } = operation.data;
      if (key && key.length > 0) await connection.execute(`ALTER TABLE ${target} ADD PRIMARY KEY (${quoteList(key)})`);
      const hash = await contentHash(
        connection,
        { sql: target },
        columns.map(({ name }) => name),
      );
      const row = await connection.row<{ oid: number }>('SELECT $1::regclass::oid AS oid', [target]);
      return { oid: row!.oid, ...hash, fields: columns.map(({ name }) => name) };
    },
    async verify(operation, undo, connection, detail) {
      const table = detail && (await tableByOid(connection, Number(detail['oid'])));
      if (!table || table.name !== undo.name)
        return [fail('collection_exists', `${operation.data.into} is not there`, 'Run again.')];
      const source = await readTable(connection, operation.collection);
      const hash = await contentHash(
        connection,
        table,
        columnsOf(operation, source).map(({ name }) => name),
      );
      return [
        checkThat(hash.content === detail['content'], 'row_count', {
          pass: `${operation.data.into} holds the ${hash.count} rows that were copied`,
          fail: `${operation.data.into} holds ${hash.count} rows, ${String(detail['count'])} were copied`,
          action: 'See who writes to it.',
        }),
      ];
    },
    script({ data }, undo, { detail }) {
      const table = quoteQualified(undo.schema, undo.name);
      const holds = `(${sumsStatement(table, detail['fields'] as string[])}) AS sums`;
      return dropCreated(
        table,
        Number(detail['oid']),
        `IF (SELECT encode(sha256(convert_to(count || ':' || first || ':' || second, 'UTF8')), 'hex') FROM ${holds}) <> ${literal(String(detail['content']))} THEN
    ${raise(`WRITTEN_SINCE: ${data.into} was written to since`, keepRows)}
  END IF;`,
      );
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
          { hint: keepRows },
        );
      }
      await connection.execute(`DROP TABLE ${table.sql}`);
      return undefined;
    },
  });

const keepRows = 'Keep these rows elsewhere and drop the table yourself, or go on forward.';

function columnsOf(operation: Operate, table: Table): ExtractedColumn[] {
  return extractedColumns(operation, { columns: table.columns, column: (field) => requireColumn(table, field) });
}

function definitions(columns: readonly ExtractedColumn[]): string {
  return columns
    .map(({ name, native, collation }) => `${quote(name)} ${native}${collation === undefined ? '' : ` COLLATE ${collation}`}`)
    .join(', ');
}

function selectStatement(operation: Operate, table: Table): { text: string; values: unknown[] } {
  const parameters = new Parameters();
  const list = extractedList(columnsOf(operation, table), parameters.bind);
  const where = compileConditions(operation.conditions, (field) => requireColumn(table, field), parameters.bind);
  const text = `SELECT ${operation.data.distinct ? 'DISTINCT ' : ''}${list} FROM ${table.sql} WHERE ${where}`;
  return { text, values: parameters.values };
}

async function checkExtract(operation: Operate, connection: Connection): Promise<Check[]> {
  const { collection, data } = operation;
  const table = await readTable(connection, collection);
  const columns = columnsOf(operation, table);
  const target = await newTableName(connection, data.into);
  const holder = (await findTable(connection, data.into)) ? 'table' : await nameHolder(connection, target.schema, target.name);
  if (holder !== undefined)
    return [fail('name_free', `there is already a ${holder} ${data.into}`, 'Choose another name, or drop that one first.')];
  const plain = columns.find(({ native }) => native === 'json' || native === 'xml');
  if (data.distinct && plain) {
    throw new PolyshiftError(
      'UNSUPPORTED_OPERATION',
      `Values of ${plain.name} (${plain.native}) cannot be told apart: distinct does not work on them.`,
      {
        hint: 'Leave the field out, or change its type to jsonb first.',
      },
    );
  }
  const unknown = (data.key ?? []).find((field) => !columns.some(({ name }) => name === field));
  if (unknown !== undefined)
    throw new PolyshiftError('UNKNOWN_FIELD', `The key names ${unknown}, which is none of the fields.`, {
      place: { path: 'data.key' },
    });
  const checks = [pass('name_free', `the name ${data.into} is free`)];
  const keyed = data.key !== undefined && data.key.length > 0;
  const copied = { name: data.into, sql: 'pg_temp.polyshift_extract' };
  if (keyed || data.pipeline) {
    // Made as it will be made: the server sees whether the values fit, and duplicates are counted in the rows as they will be copied.
    await connection.execute(`CREATE TEMPORARY TABLE polyshift_extract (${definitions(columns)})`);
    const { text, values } = selectStatement(operation, table);
    await connection.rows(`INSERT INTO ${copied.sql} ${text}${keyed ? '' : ' LIMIT 0'}`, values);
  }
  if (data.key && keyed) {
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
