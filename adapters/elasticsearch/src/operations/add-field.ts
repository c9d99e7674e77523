import { addField as addToRows } from '@polyshift/adapter-kit';
import {
  type Check,
  checkThat,
  dynamicType,
  fail,
  type JsonObject,
  literalOf,
  type Operation,
  type PortableType,
  warn,
} from '@polyshift/core';
import { getCollection, onlyIndex } from '../collection/collection.ts';
import { nameOf } from '../collection/names.ts';
import { request } from '../http/request.ts';
import { mappingOfField } from '../mapping/change-mapping.ts';
import { fieldTypes } from '../mapping/field-types.ts';
import { definitionOfType } from '../mapping/type-reference.ts';
import { planned } from '../planned.ts';
import { mappingFor } from '../types.ts';
import { keepingMapping } from './keeping-mapping.ts';
import type { HandlerOf } from './parts.ts';

/** add_field: into the mapping, then the default into the documents that lack the field. */
export const addField: HandlerOf<'add_field', JsonObject> = (parts) => {
  const { store } = parts;
  const rows = keepingMapping(parts, addToRows(parts.operations));

  const nativeOf = async (operation: Operation<'add_field'>): Promise<string | undefined> =>
    fieldTypes(onlyIndex(await getCollection(store, operation.collection)).mappings).get(operation.data.field_name)?.native;

  return {
    ...rows,

    async plan(operation, context) {
      const { field_name } = operation.data;
      const definition = definitionOf(operation);
      const mapping = planned(
        { PUT: `${store.prefix}${operation.collection}/_mapping`, ...mappingOfField(field_name, definition ?? {}) },
        { risk: 'none', undo: 'a new index without the field in its mapping' },
      );
      return [...(definition ? [mapping] : []), ...(await rows.plan(operation, context))];
    },

    async check(operation) {
      const definition = definitionOf(operation);
      // A field of the mapping is there without a value, too.
      const checks: Check[] = (await rows.check(operation)).filter(({ check }) => check !== 'default_value' || !definition);
      if (checks[0]!.status === 'FAILED') return checks;
      if (!operation.data.nullable)
        checks.push(
          warn('not_null', 'a mapping does not say that a field must be there', 'Use schema_validation with required.'),
        );
      const native = await nativeOf(operation);
      const wanted = definition?.['type'];
      if (native !== undefined && wanted !== undefined && native !== wanted) {
        checks.push(
          fail(
            'field_type',
            `the mapping has ${operation.data.field_name} as ${native}, not as ${String(wanted)}`,
            'Use change_type.',
          ),
        );
      }
      return checks;
    },

    async *execute(operation, undo, run) {
      const definition = definitionOf(operation);
      if (definition && (await nativeOf(operation)) === undefined) {
        await run.guard();
        await request(store, 'PUT', [nameOf(store, operation.collection), '_mapping'], {
          body: mappingOfField(operation.data.field_name, definition),
        });
        await run.fault('mapped');
      }
      yield* rows.execute(operation, undo, run);
    },

    async verify(operation, undo, run) {
      const checks = await rows.verify(operation, undo, run);
      if (!definitionOf(operation)) return checks;
      const native = await nativeOf(operation);
      const { field_name } = operation.data;
      return [
        checkThat(native !== undefined, 'field_mapped', {
          pass: `the mapping has ${field_name} as ${native}`,
          fail: `the mapping does not have ${field_name}`,
          action: 'Somebody else has replaced the index.',
        }),
        ...checks,
      ];
    },
  };
};

/** The field's part of the mapping: by its type, or by its default; undefined where the values will tell. */
function definitionOf({ data }: Operation<'add_field'>): JsonObject | undefined {
  if (data.type !== undefined) return definitionOfType(data.type);
  if (data.default_value === undefined || data.default_value === null) return undefined;
  const { type, value } = literalOf(data.default_value);
  const shown: PortableType = dynamicType(value) ?? type;
  // Numbers of JSON are whole or not; the wider type leaves room for others.
  if (shown.kind === 'int32') return mappingFor({ kind: 'int64' });
  return mappingFor(shown.kind === 'decimal' ? { kind: 'float64' } : shown);
}
