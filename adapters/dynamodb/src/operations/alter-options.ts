import { type Check, checkThat, fail, type JsonObject, type JsonValue } from '@polyshift/core';
import { planned } from '../planned.ts';
import { tableExists } from '../preconditions.ts';
import { tableName } from '../store.ts';
import { definitionOfTable, readTable } from '../tables/describe.ts';
import { type AlterableOption, optionProblem, tableOptions } from '../tables/options.ts';
import { missingFeature, setOption } from '../tables/set-option.ts';
import type { HandlerOf } from './handler-of.ts';

/** What null sets an option back to. */
const defaults: Readonly<Record<AlterableOption, JsonValue>> = {
  stream_view_type: null,
  ttl_attribute: null,
  table_class: 'standard',
  deletion_protection: false,
  point_in_time_recovery: false,
};

/** alter_options: expiry, stream, class, protection and recovery of a table, each set and waited for by itself. */
export const alterOptions: HandlerOf<'alter_options', { before: JsonObject }> = (store) => ({
  async plan(operation) {
    return Object.entries(operation.data.options).map(([name, value]) =>
      planned(
        requestOf(name),
        { TableName: tableName(store, operation.collection), [name]: value },
        {
          risk: 'none',
          undo: `sets ${name} back to what it was`,
        },
      ),
    );
  },

  async check(operation) {
    const checks: Check[] = [await tableExists(store, operation.collection)];
    if (checks[0]!.status === 'FAILED') return checks;
    for (const [name, value] of Object.entries(operation.data.options)) {
      const problem = isAlterable(name)
        ? value === null
          ? undefined
          : optionProblem(name, value)
        : `${name} is no option that can be changed and changed back`;
      const missing = missingFeature(store, name);
      if (problem)
        checks.push(
          fail('option', problem, `Options are ${Object.keys(defaults).join(', ')}; capacity is changed by update_capacity.`),
        );
      else if (missing) checks.push(fail('option', missing, 'Leave it out here.'));
    }
    return checks;
  },

  async prepare(operation) {
    const definition = await definitionOfTable(store, operation.collection);
    return {
      before: Object.fromEntries(Object.keys(operation.data.options).map((name) => [name, definition[name] ?? null])),
    };
  },

  async *execute(operation, _undo, run) {
    for (const [name, value] of wishes(operation.data.options)) {
      await run.guard();
      await setOption(store, operation.collection, name, value);
      await run.fault('set');
    }
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const definition = (await readTable(store, operation.collection))?.definition;
    return wishes(operation.data.options).map(([name, value]) =>
      checkThat((definition?.[name] ?? null) === value, 'option_set', {
        pass: `${name} is ${JSON.stringify(value)}`,
        fail: `${name} is ${JSON.stringify(definition?.[name] ?? null)}, not ${JSON.stringify(value)}`,
        action: 'Somebody else changes the options of this table.',
      }),
    );
  },

  async *rollback(operation, undo, run) {
    for (const [name, value] of wishes(undo.before).reverse()) {
      await run.guard();
      await setOption(store, operation.collection, name, value);
    }
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

/** Options with their values; null is the default. */
function wishes(options: Readonly<Record<string, JsonValue>>): [AlterableOption, JsonValue][] {
  return Object.entries(options).flatMap(([name, value]) => (isAlterable(name) ? [[name, value ?? defaults[name]]] : []));
}

function isAlterable(name: string): name is AlterableOption {
  return Object.hasOwn(tableOptions, name) && tableOptions[name as AlterableOption].alterable;
}

function requestOf(name: string): string {
  return { ttl_attribute: 'UpdateTimeToLive', point_in_time_recovery: 'UpdateContinuousBackups' }[name] ?? 'UpdateTable';
}
