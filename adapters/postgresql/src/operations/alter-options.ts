import { fail, type JsonValue, ownValue, PolyshiftError, pass } from '@polyshift/core';
import { requireTable } from '../catalog/table-name.ts';
import type { Queryable } from '../connection.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { transactionalHandler } from '../handler/ddl-handler.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { literal, quote } from '../identifiers.ts';

/** The options that are changed, as they were; null was the default. */
type Undo = { options: Record<string, string | null> };

/** alter_options: storage parameters (`fillfactor`, `toast.autovacuum_enabled`, ...) and `comment`. */
export const alterOptions: HandlerFactory<'alter_options', Undo> = (context) =>
  transactionalHandler<'alter_options', Undo>(context, {
    async plan({ collection, data }, planContext) {
      const table = await plannedTable(context.database, planContext, collection);
      return statements(table.sql, data.options).map((statement) => ({
        statement,
        phase: 'expand',
        lock: { mode: `SHARE UPDATE EXCLUSIVE on ${collection}`, held: 'instant' },
        risk: 'none',
        undo: 'Sets each option back to what it was.',
      }));
    },
    async check({ collection, data }, connection) {
      const table = await requireTable(connection, collection);
      // A trial, taken back with the transaction of the checks.
      for (const statement of statements(table.sql, data.options)) await connection.execute(statement);
      return [pass('options_valid', `the server takes ${Object.keys(data.options).join(', ')}`)];
    },
    async prepare({ collection, data }, connection) {
      const current = await readOptions(connection, (await requireTable(connection, collection)).oid);
      return { options: Object.fromEntries(Object.keys(data.options).map((name) => [name, ownValue(current, name) ?? null])) };
    },
    async apply({ collection, data }, _undo, connection) {
      const table = await requireTable(connection, collection);
      for (const statement of statements(table.sql, data.options)) await connection.execute(statement);
      return {};
    },
    async verify({ collection, data }, _undo, connection) {
      const current = await readOptions(connection, (await requireTable(connection, collection)).oid);
      return Object.entries(data.options).map(([name, value]) => {
        const found = ownValue(current, name) ?? null;
        return found === textOf(value)
          ? pass('option_set', `${name} is ${found ?? 'the default'}`)
          : fail('option_set', `${name} is ${found ?? 'the default'}, not ${textOf(value)}`, 'Run again.');
      });
    },
    script(_operation, undo, { table }) {
      return statements(table.sql, undo.options);
    },
  });

function statements(table: string, options: Readonly<Record<string, JsonValue>>): string[] {
  const result: string[] = [];
  const set: string[] = [];
  const reset: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (name === 'comment') result.push(`COMMENT ON TABLE ${table} IS ${value === null ? 'NULL' : literal(textOf(value)!)}`);
    else if (value === null) reset.push(parameter(name));
    else set.push(`${parameter(name)} = ${literal(textOf(value)!)}`);
  }
  if (set.length > 0) result.push(`ALTER TABLE ${table} SET (${set.join(', ')})`);
  if (reset.length > 0) result.push(`ALTER TABLE ${table} RESET (${reset.join(', ')})`);
  return result;
}

function parameter(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$/.test(name)) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(name)} is no storage parameter.`, {
      place: { path: 'data.options' },
    });
  }
  return name.split('.').map(quote).join('.');
}

function textOf(value: JsonValue): string | null {
  if (value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

async function readOptions(connection: Queryable, oid: number): Promise<Record<string, string>> {
  const row = await connection.row<{ main: string[] | null; toast: string[] | null; comment: string | null }>(
    `SELECT to_json(c.reloptions) AS main, (SELECT to_json(t.reloptions) FROM pg_class t WHERE t.oid = c.reltoastrelid) AS toast,
       obj_description(c.oid, 'pg_class') AS comment FROM pg_class c WHERE c.oid = $1`,
    [oid],
  );
  const options: Record<string, string> = {};
  const read = (prefix: string, entries: readonly string[] | null): void => {
    for (const entry of entries ?? []) options[prefix + entry.slice(0, entry.indexOf('='))] = entry.slice(entry.indexOf('=') + 1);
  };
  read('', row?.main ?? null);
  read('toast.', row?.toast ?? null);
  if (row?.comment != null) options['comment'] = row.comment;
  return options;
}
