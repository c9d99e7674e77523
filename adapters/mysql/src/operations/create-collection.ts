import { checkThat, fail, type Operation, PolyshiftError, pass, portableTypeOf } from '@polyshift/core';
import { findTable, newTableName, tableIn } from '../catalog/table-name.ts';
import type { Connection } from '../connection.ts';
import { constantDefault, expressionDefault } from '../default-value.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { ddlHandler } from '../handler/ddl-handler.ts';
import { withLockedTables } from '../handler/locked-tables.ts';
import { typeSql } from '../handler/type-reference.ts';
import { checkName, quote, quoteList, quoteQualified } from '../identifiers.ts';
import { lockedTables, refuseWhere } from '../script/guard.ts';
import type { Dialect } from '../server-features.ts';
import { optionsSql } from '../table-options.ts';
import { loadedType, toPortableType } from '../types.ts';

type Undo = { schema: string; name: string };
type Data = Operation<'create_collection'>['data'];

/** create_collection: rollback drops the table, unless rows are in it that the migration did not put there. */
export const createCollection: HandlerFactory<'create_collection', Undo> = (context) =>
  ddlHandler<'create_collection', Undo>(context, {
    async plan({ collection, data }) {
      const sql = collection.split('.').map(quote).join('.');
      return [
        {
          statement: createStatement(sql, data, context.dialect),
          phase: 'expand',
          lock: { mode: 'none', held: 'none' },
          risk: 'none',
          undo: `Drops ${collection}; refused while it holds rows that the migration did not put there.`,
        },
      ];
    },
    async check({ collection, data }, connection) {
      for (const { name } of data.fields) checkName(name);
      await newTableName(connection, collection);
      const holder = await findTable(connection, collection);
      if (holder) {
        return [
          fail(
            'name_free',
            `there is already a ${holder.kind} ${collection}`,
            'Choose another name, or drop or rename that one first.',
          ),
        ];
      }
      for (const field of data.key ?? []) {
        if (!data.fields.some((each) => each.name === field)) {
          throw new PolyshiftError('UNKNOWN_FIELD', `The key names ${field}, which is none of the fields.`, {
            place: { path: 'data.key' },
          });
        }
      }
      // The server has the last word on types, defaults and options.
      await connection.execute(
        createStatement('polyshift_trial', data, context.dialect).replace(/^CREATE /, 'CREATE TEMPORARY '),
      );
      await connection.execute('DROP TEMPORARY TABLE polyshift_trial');
      return [pass('name_free', `the name ${collection} is free`)];
    },
    async prepare({ collection }, connection) {
      const { schema, name } = await newTableName(connection, collection);
      return { schema, name };
    },
    async apply({ data }, undo, connection) {
      if ((await tableIn(connection, undo.schema, undo.name)) === undefined) {
        await connection.execute(createStatement(quoteQualified(undo.schema, undo.name), data, context.dialect));
      }
      return {};
    },
    async verify({ collection }, undo, connection) {
      const table = await tableIn(connection, undo.schema, undo.name);
      return [
        checkThat(table !== undefined, 'collection_exists', {
          pass: `${collection} exists`,
          fail: `there is no table ${collection}`,
          action: 'Run again.',
        }),
      ];
    },
    async script({ collection }, undo, { connection, live }) {
      if (live !== 'whole' && (await tableIn(connection, undo.schema, undo.name)) === undefined) return [];
      const table = quoteQualified(undo.schema, undo.name);
      return lockedTables(
        [table],
        [
          refuseWhere(
            `EXISTS (SELECT 1 FROM ${table})`,
            `WRITTEN_SINCE: ${collection} holds rows that the migration did not put there; keep them elsewhere and empty it`,
          ),
          `DROP TABLE ${table}`,
        ],
      );
    },
    async revert({ collection }, undo, connection) {
      const table = await tableIn(connection, undo.schema, undo.name);
      // Somebody has dropped it already: there is nothing of ours left.
      if (!table) return `${collection} was gone already`;
      await dropIfEmpty(connection, table.sql, collection);
      return undefined;
    },
  });

/** Drops a table, which nobody can write to meanwhile. Throws WRITTEN_SINCE where it holds rows. */
async function dropIfEmpty(connection: Connection, sql: string, collection: string): Promise<void> {
  await withLockedTables(connection, [sql], async () => {
    const row = await connection.row<{ count: string }>(`SELECT COUNT(*) AS count FROM ${sql}`);
    const rows = Number(row!.count);
    if (rows > 0) {
      throw new PolyshiftError('WRITTEN_SINCE', `${collection} holds ${rows} rows that the migration did not put there.`, {
        hint: 'Keep them elsewhere and empty the table, then roll back again.',
        data: { rows },
      });
    }
    await connection.execute(`DROP TABLE ${sql}`);
  });
}

function createStatement(sql: string, data: Data, dialect: Dialect): string {
  const key = data.key ?? [];
  const columns = data.fields.map((field) => {
    const portable = portableTypeOf(field.type);
    // A portable text without a length would be too long for the primary key.
    const type =
      key.includes(field.name) && (portable?.kind === 'text' || portable?.kind === 'bytes')
        ? loadedType(quote(field.name), portable, { size: key.length }, dialect)
        : typeSql(field.type);
    const column = { name: field.name, type: portable ?? toPortableType(type), native: type };
    return [
      quote(field.name),
      type,
      field.nullable && !key.includes(field.name) ? 'NULL' : 'NOT NULL',
      ...(field.identity ? ['AUTO_INCREMENT'] : []),
      ...(field.default_expression === undefined ? [] : [`DEFAULT ${expressionDefault(field.default_expression)}`]),
      ...(field.default_value == null ? [] : [`DEFAULT ${constantDefault(column, field.default_value)}`]),
    ].join(' ');
  });
  const parts = [...columns, ...(key.length > 0 ? [`PRIMARY KEY (${quoteList(key)})`] : [])];
  const options = optionsSql(data.options ?? {});
  return `CREATE TABLE ${sql} (${parts.join(', ')})${options.length > 0 ? ` ${options.join(' ')}` : ''}`;
}
