import { documentsOf, keyList, type RowKey, type RowOperations } from '@polyshift/adapter-kit';
import { type Check, checkThat, fail, type JsonObject, type Operation, pass, stableJson, warn } from '@polyshift/core';
import type { ValidationDefinition } from '../definitions/definition.ts';
import { type DefinitionUndo, definitionMethods } from '../definitions/definition-methods.ts';
import { planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import { violationsOf } from '../validation.ts';
import type { HandlerOf } from './handler-of.ts';

/**
 * schema_validation: a JSON Schema in the definition. Redis enforces nothing: existing rows are checked, and polyshift's own loads and changes keep to
 * it; what the application writes is found by verify.
 */
export const schemaValidation: HandlerOf<'schema_validation', DefinitionUndo> = (store, rows) => ({
  ...definitionMethods<'schema_validation'>(store, (definition, operation) => ({ ...definition, validation: wanted(operation) })),

  async plan(operation) {
    return [
      planned(
        `HSET ${store.keys.shared('collections')} ${operation.collection} ${JSON.stringify({ validation: wanted(operation) })}`,
        {
          risk: 'none',
          undo: 'brings back the validation schema that was there, or none',
        },
      ),
    ];
  },

  async check(operation) {
    const there = await isThere(store, operation.collection);
    return there.status === 'FAILED' ? [there] : [there, await rowsValid(rows, operation)];
  },

  async verify(operation) {
    const found = (await store.definitions.read(operation.collection))?.validation;
    const same = found !== undefined && stableJson(found) === stableJson(wanted(operation));
    return [
      checkThat(same, 'validation_set', {
        pass: `${operation.collection} has the validation schema`,
        fail: `${operation.collection} has another validation schema, or none`,
        action: 'Somebody else changes the definition of this collection.',
      }),
      await rowsValid(rows, operation),
    ];
  },
});

function wanted({ data }: Operation<'schema_validation'>): ValidationDefinition {
  return { schema: data.schema as JsonObject, level: data.level, action: data.action };
}

/** The check that existing rows meet the schema, as strict as its level and action. */
async function rowsValid(rows: RowOperations<Buffer>, operation: Operation<'schema_validation'>): Promise<Check> {
  const test = violationsOf(wanted(operation), false)!;
  const failing: RowKey[] = [];
  let count = 0;
  let example = '';
  for await (const { keyed, document } of documentsOf(rows, operation.collection)) {
    const violations = test(document);
    if (violations.length === 0) continue;
    count++;
    example ||= violations.join('; ');
    if (failing.length < 6) failing.push(keyed.key);
  }
  if (count === 0) return pass('rows_valid', `every row of ${operation.collection} meets the schema`);
  const message = `${count} rows of ${operation.collection} do not meet the schema: ${keyList(failing)} (${example})`;
  const { level, action } = operation.data;
  if (level === 'strict' && action === 'error')
    return fail('rows_valid', message, 'Correct them first by migrate_data, or use level: moderate or action: warn.', { count });
  return warn('rows_valid', message, 'They stay as they are; what polyshift writes from now on is checked.', { count });
}
