import {
  castValue,
  literalOf,
  type Operation,
  PolyshiftError,
  type PortableDocument,
  type PortableType,
  type PortableValue,
  portableTypeOf,
  type TypeReference,
  toDynamic,
  warn,
} from '@polyshift/core';
import { compileConditions } from '../conditions/compile-conditions.ts';
import { valueAt } from '../values/field-path.ts';
import { isBlocked, setAt } from './field-path.ts';
import { imageMethods } from './image-methods.ts';
import { isNoKey, isThere, plannedRows, type RowHandler, type RowOperations } from './row-operations.ts';
import { noneFound, survey } from './survey.ts';

/** add_field over rows without declared columns: rows that lack the field get the default, if they meet the conditions. */
export function addField<Raw>(operations: RowOperations<Raw>): RowHandler<'add_field'> {
  const methods = imageMethods<Raw, 'add_field'>(operations, (operation) => {
    const { field_name } = operation.data;
    const lacks = lacking(operation);
    const value = defaultValue(operation);
    const type = portableOf(operation.data.type);
    return (document) => {
      if (!lacks(document)) return [];
      const edit = setAt(document, field_name, value);
      return [edit.kind === 'set' && edit.field === field_name && type ? { ...edit, type } : edit];
    };
  });
  return {
    ...methods,

    async plan(operation, context) {
      const { field_name, default_value } = operation.data;
      const parts = {
        risk: 'data_changed',
        undo: `takes ${field_name} away from the ${operations.noun}s that it was given to`,
        ...(default_value === undefined ? { rows: 0 } : {}),
      } as const;
      return [plannedRows(operations, context, operation.collection, { kind: 'set', fields: [field_name] }, parts)];
    },

    async check(operation) {
      const { collection, data } = operation;
      const there = await isThere(operations, collection);
      if (there.status === 'FAILED') return [there];
      const checks = [there, await isNoKey(operations, collection, [data.field_name])];
      if (data.default_value === undefined) {
        checks.push(
          warn(
            'default_value',
            `without default_value nothing is written: a ${operations.noun} has no field beforehand`,
            'Give a default_value, or leave the operation out.',
          ),
        );
        return checks;
      }
      defaultValue(operation);
      const [blocked] = await survey(operations, collection, [(document) => isBlocked(document, data.field_name)]);
      checks.push(
        noneFound('path', blocked!, {
          pass: `${data.field_name} can be set everywhere`,
          fail: `${operations.noun}s have a value on the way to ${data.field_name} that is no document`,
          action: 'Use migrate_data for those.',
        }),
      );
      return checks;
    },

    async *execute(operation, undo, run) {
      if (operation.data.default_value !== undefined) yield* methods.execute(operation, undo, run);
    },

    async verify(operation, undo, run) {
      if (operation.data.default_value === undefined) return [];
      const [left] = await survey(operations, operation.collection, [lacking(operation)]);
      return [
        noneFound('field_present', left!, {
          pass: `no ${operations.noun} lacks ${operation.data.field_name}`,
          fail: `${operations.noun}s lack ${operation.data.field_name}`,
          action: 'The application writes the old form: deploy the new one first, then run again.',
        }),
        ...(await methods.verify(operation, undo, run)),
      ];
    },
  };
}

/** Whether a row lacks the field and meets the conditions. */
function lacking(operation: Operation<'add_field'>): (document: PortableDocument) => boolean {
  const meets = compileConditions(operation.conditions);
  const { field_name } = operation.data;
  return (document) => valueAt(document, field_name) === undefined && !isBlocked(document, field_name) && meets(document);
}

/** The default as a dynamic value of the type asked for. Throws INVALID_DOCUMENT where it is not of that type. */
export function defaultValue(operation: Operation<'add_field'>): PortableValue {
  const literal = literalOf(operation.data.default_value ?? null);
  const type = portableOf(operation.data.type);
  if (!type) return toDynamic(literal.type, literal.value);
  try {
    return toDynamic(type, castValue(literal.type, literal.value, type));
  } catch (cause) {
    throw new PolyshiftError('INVALID_DOCUMENT', `default_value: ${(cause as Error).message}`, {
      place: { path: 'data.default_value' },
      cause,
    });
  }
}

function portableOf(reference: TypeReference | undefined): PortableType | undefined {
  return reference === undefined ? undefined : portableTypeOf(reference);
}
