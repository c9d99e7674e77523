import { type Check, checkThat, fail, type Operation, PolyshiftError, pass } from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import { findTable, newTableName, tableIn } from '../catalog/table-name.ts';
import { compileConditions } from '../conditions.ts';
import type { Connection } from '../connection.ts';
import { type ExtractedColumn, extractedColumns, extractedDefinitions, extractedList } from '../expressions/extracted-columns.ts';
import { contentHash, rowText, sumsStatement } from '../fingerprint.ts';
import { asideName } from '../handler/aside.ts';
import type { HandlerContext, HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { duplicateCheck } from '../handler/examples.ts';
import { withLockedTables } from '../handler/locked-tables.ts';
import { readMark, writeMark } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { literal, quote, quoteQualified } from '../identifiers.ts';
import { lockedTables, refuseWhere } from '../script/guard.ts';
import { renameTable } from './rename-collection.ts';

type Operate = Operation<'extract'>;
type Undo = { schema: string; name: string };

const copied = 'copied';

/**
 * extract: the rows are copied into a table aside, which then gets its name: it is there whole or not at all. What it holds is kept as a hash, so
 * that rollback sees later writes.
 */
export const extract: HandlerFactory<'extract', Undo> = (context) =>
  ddlHandler<'extract', Undo>(context, {
    async plan(operation, planContext) {
      const table = await plannedTable(context.database, planContext, operation.collection);
      const columns = { columns: table.columns.map((name) => table.column(name)), column: table.column };
      const list = extractedList(extractedColumns(operation, columns, context.dialect));
      const where = compileConditions(operation.conditions, (field) => table.column(field));
      return [
        {
          statement: `CREATE TABLE ${operation.data.into.split('.').map(quote).join('.')} AS SELECT ${operation.data.distinct ? 'DISTINCT ' : ''}${list} FROM ${table.sql} WHERE ${where}`,
          phase: 'migrate',
          lock: { mode: `none on ${operation.collection}`, held: 'none' },
          rows: table.rows,
          risk: 'none',
          undo: `Drops ${operation.data.into}; refused while it holds rows that were written since.`,
        },
      ];
    },
    check: (operation, connection) => checkExtract(context, operation, connection),
    async prepare({ data }, connection) {
      const { schema, name } = await newTableName(connection, data.into);
      return { schema, name };
    },
    async apply(operation, undo, connection, run) {
      const aside = asideName(run.aside, 'extract');
      let hash = await readMark(connection, run.aside, copied);
      if (hash === undefined) {
        const sql = quoteQualified(undo.schema, aside);
        // What an earlier start has left half-way is begun anew.
        await connection.execute(`DROP TABLE IF EXISTS ${sql}`);
        const source = await readTable(connection, operation.collection);
        const columns = columnsOf(operation, source, context);
        const definitions = extractedDefinitions(columns, operation.data.key);
        await connection.execute(`CREATE TABLE ${sql} (${definitions}) DEFAULT CHARSET=utf8mb4`);
        await connection.execute(`INSERT INTO ${sql} ${selectStatement(operation, source, columns)}`);
        await run.fault('rows_copied');
        const made = (await readTable(connection, `${undo.schema}.${aside}`)).columns;
        hash = { ...(await contentHash(connection, sql, made)), row: rowText(made) };
        await writeMark(connection, run.aside, copied, hash);
      }
      await renameTable(connection, undo.schema, aside, undo.name);
      return hash;
    },
    async verify(operation, undo, connection, detail) {
      const table = await tableIn(connection, undo.schema, undo.name);
      if (!table || !detail) return [fail('collection_exists', `${operation.data.into} is not there`, 'Run again.')];
      const { columns } = await readTable(connection, operation.data.into);
      const hash = await contentHash(connection, table.sql, columns);
      return [
        checkThat(hash.content === detail['content'], 'row_count', {
          pass: `${operation.data.into} holds the ${hash.count} rows that were copied`,
          fail: `${operation.data.into} holds ${hash.count} rows, ${String(detail['count'])} were copied`,
          action: 'See who writes to it.',
        }),
      ];
    },
    async script({ data }, undo, { connection, live, step }) {
      const left = `DROP TABLE IF EXISTS ${quoteQualified(undo.schema, asideName(step.aside, 'extract'))}`;
      const hash = await readMark(connection, step.aside, copied);
      const there = live === 'whole' || (await tableIn(connection, undo.schema, undo.name)) !== undefined;
      if (!there || hash === undefined) return [left];
      const table = quoteQualified(undo.schema, undo.name);
      const content = `SHA2(CONCAT(s.count, ':', s.first, ':', s.second), 256)`;
      return [
        left,
        ...lockedTables(
          [table],
          [
            refuseWhere(
              `(SELECT ${content} FROM (${sumsStatement(table, String(hash['row']))}) AS s) <> ${literal(String(hash['content']))}`,
              `WRITTEN_SINCE: ${data.into} was written to since; keep its rows elsewhere and drop it yourself`,
            ),
            `DROP TABLE ${table}`,
          ],
        ),
      ];
    },
    async revert({ data }, undo, connection, _detail, run) {
      await connection.execute(`DROP TABLE IF EXISTS ${quoteQualified(undo.schema, asideName(run.aside, 'extract'))}`);
      const hash = await readMark(connection, run.aside, copied);
      const table = await tableIn(connection, undo.schema, undo.name);
      if (!table || hash === undefined) return undefined;
      const { columns } = await readTable(connection, data.into);
      await withLockedTables(connection, [table.sql], async () => {
        const now = await contentHash(connection, table.sql, columns);
        if (now.content !== hash['content']) {
          throw new PolyshiftError(
            'WRITTEN_SINCE',
            `${data.into} was written to since: it holds ${now.count} rows, ${String(hash['count'])} were copied.`,
            { hint: 'Keep these rows elsewhere and drop the table yourself, or go on forward.' },
          );
        }
        await connection.execute(`DROP TABLE ${table.sql}`);
      });
      return undefined;
    },
  });

function columnsOf(operation: Operate, table: Table, { dialect }: HandlerContext): ExtractedColumn[] {
  const copiedTable = { columns: table.columns, column: (field: string) => requireColumn(table, field) };
  return extractedColumns(operation, copiedTable, dialect);
}

function selectStatement(operation: Operate, table: Table, columns: readonly ExtractedColumn[]): string {
  const where = compileConditions(operation.conditions, (field) => requireColumn(table, field));
  return `SELECT ${operation.data.distinct ? 'DISTINCT ' : ''}${extractedList(columns)} FROM ${table.sql} WHERE ${where}`;
}

async function checkExtract(context: HandlerContext, operation: Operate, connection: Connection): Promise<Check[]> {
  const { collection, data } = operation;
  const table = await readTable(connection, collection);
  const columns = columnsOf(operation, table, context);
  await newTableName(connection, data.into);
  const holder = await findTable(connection, data.into);
  if (holder)
    return [fail('name_free', `there is already a ${holder.kind} ${data.into}`, 'Choose another name, or drop that one first.')];
  const unknown = (data.key ?? []).find((field) => !columns.some(({ name }) => name === field));
  if (unknown !== undefined)
    throw new PolyshiftError('UNKNOWN_FIELD', `The key names ${unknown}, which is none of the fields.`, {
      place: { path: 'data.key' },
    });
  const select = selectStatement(operation, table, columns);
  // The server has the last word on the pipeline, the types and the key.
  await connection.execute(`CREATE TEMPORARY TABLE polyshift_trial (${extractedDefinitions(columns, data.key)})`);
  try {
    await connection.execute(`INSERT INTO polyshift_trial ${select} LIMIT 0`);
  } finally {
    await connection.execute('DROP TEMPORARY TABLE polyshift_trial');
  }
  const checks = [pass('name_free', `the name ${data.into} is free`)];
  if (!data.key || data.key.length === 0) return checks;
  const chosen = { name: data.into, sql: `(${select}) AS chosen` };
  checks.push(await duplicateCheck(connection, chosen, data.key.map(quote)));
  const nulls = await connection.row<{ count: string }>(
    `SELECT COUNT(*) AS count FROM ${chosen.sql} WHERE ${data.key.map((field) => `${quote(field)} IS NULL`).join(' OR ')}`,
  );
  checks.push(
    checkThat(Number(nulls!.count) === 0, 'null_values', {
      pass: 'no row lacks the key',
      fail: `${nulls!.count} rows have null in ${data.key.join(', ')}`,
      action: 'Leave these rows out by conditions.',
    }),
  );
  return checks;
}
