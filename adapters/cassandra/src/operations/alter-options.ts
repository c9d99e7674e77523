import { type Check, checkThat, fail, type JsonObject, type JsonValue, type Operation, stableJson } from '@polyshift/core';
import { optionDefaults, optionNames, optionsText } from '../catalog/options.ts';
import { findTable, openTable, type Table } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { changeSchema } from '../cql/execute.ts';
import { schemaStep } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/** alter_options: ALTER TABLE ... WITH, on views ALTER MATERIALIZED VIEW. */
export const alterOptions: HandlerOf<'alter_options', { options: JsonObject }> = (store) => ({
  async plan(operation) {
    const statement = `ALTER TABLE ${tableName(store.keyspace, operation.collection)} WITH ${optionsText(wantedOptions(operation))}`;
    return [schemaStep(statement, { undo: 'sets each option back to what it was' })];
  },

  async check(operation) {
    const { check, table } = await isThere(store, operation.collection);
    if (!table) return [check];
    const given = Object.entries(operation.data.options);
    const unknown = given.filter(([name]) => !(optionNames as readonly string[]).includes(name));
    if (unknown.length > 0) {
      const message = `Cassandra has no table option ${unknown.map(([name]) => name).join(', ')}`;
      return [check, fail('option', message, `Options are ${optionNames.join(', ')}.`)];
    }
    const without = given.filter(([name, value]) => value === null && optionDefaults[name] === undefined);
    const checks: Check[] = [check];
    if (without.length > 0) {
      const message = `the default of ${without.map(([name]) => name).join(', ')} is a matter of the cluster`;
      checks.push(fail('option', message, 'Write the value instead of null.'));
    }
    return checks;
  },

  async prepare(operation) {
    const table = await openTable(store, operation.collection);
    return { options: Object.fromEntries(Object.keys(operation.data.options).map((name) => [name, optionOf(table, name)])) };
  },

  async *execute(operation, _undo, run) {
    await run.guard();
    await setOptions(store, operation.collection, wantedOptions(operation));
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const table = await openTable(store, operation.collection);
    const differing = Object.entries(wantedOptions(operation)).filter(([name, value]) => !holds(optionOf(table, name), value));
    return [
      checkThat(differing.length === 0, 'options_set', {
        pass: `${operation.collection} has the options`,
        fail: `${differing.map(([name]) => name).join(', ')} of ${operation.collection} is another`,
        action: 'Somebody else changes the options of this table.',
      }),
    ];
  },

  async *rollback(operation, undo) {
    if (await findTable(store, operation.collection)) await setOptions(store, operation.collection, undo.options);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

/** The options with null replaced by the default. */
function wantedOptions({ data }: Operation<'alter_options'>): JsonObject {
  return Object.fromEntries(
    Object.entries(data.options).map(([name, value]) => [name, (value === null ? optionDefaults[name] : value) as JsonValue]),
  );
}

/** What a table has; an option that the store lists no value of has its default. */
function optionOf(table: Table, name: string): JsonValue {
  return table.options[name] ?? optionDefaults[name] ?? null;
}

/** The store fills up maps with what was not said: `{class: ...}` of compaction gets its thresholds. */
function holds(found: JsonValue, wanted: JsonValue): boolean {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return String(found) === String(wanted);
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return false;
  return Object.entries(wanted).every(([name, value]) => {
    const inner = found[name];
    return stableJson(String(inner)) === stableJson(String(value)) || String(inner).endsWith(`.${String(value)}`);
  });
}

async function setOptions(store: Store, name: string, options: JsonObject): Promise<void> {
  const table = await openTable(store, name);
  const kind = table.view ? 'MATERIALIZED VIEW' : 'TABLE';
  await changeSchema(store, `ALTER ${kind} ${tableName(store.keyspace, name)} WITH ${optionsText(options)}`);
}
