import {
  castValue,
  dynamicType,
  literalOf,
  type Operation,
  PolyshiftError,
  type PortableDocument,
  type PortableType,
  portableTypeOf,
  toDynamic,
} from '@polyshift/core';
import { compileConditions } from '../conditions/compile-conditions.ts';
import { isBlocked, pathParts, renameAt, setAt, unsetAt } from '../operations/field-path.ts';
import { typeConversion } from '../operations/type-conversion.ts';
import { compilePipeline, pipelineFields } from '../pipeline/compile-pipeline.ts';
import type { FieldEdit } from '../row-store.ts';
import { valueAt } from '../values/field-path.ts';

/** What one operation does to a document of the form before it, and what takes it back. */
export interface MappingStep {
  forward(document: PortableDocument): readonly FieldEdit[];
  /** `current` is the document of the old version as it is, where there is one. */
  back(document: PortableDocument, current: PortableDocument | undefined): readonly FieldEdit[];
}

const nothing: MappingStep = { forward: () => [], back: () => [] };

/** The step of an operation; one that touches no rows does nothing. `oldType` gives the type that a field has in most rows of the old version. */
export function stepOf(operation: Operation, oldType: (field: string) => PortableType | undefined): MappingStep {
  switch (operation.type) {
    case 'rename_field':
      return renameStep(operation);
    case 'change_type':
      return convertStep(operation, oldType(operation.data.field_name));
    case 'add_field':
      return addStep(operation);
    case 'remove_field': {
      const meets = compileConditions(operation.conditions);
      return {
        forward: (document) => (meets(document) ? unsetAt(document, operation.data.field_name) : []),
        back: (document, current) => asBefore(document, current, operation.data.field_name),
      };
    }
    case 'migrate_data':
      return pipelineStep(operation);
    default:
      return nothing;
  }
}

/** The top-level fields that an operation writes or takes away, by the names that they have then; renames are none. */
export function touchedFields(operation: Operation): string[] {
  const top = (path: string): string => pathParts(path)[0]!;
  switch (operation.type) {
    case 'change_type':
      return operation.data.using === undefined ? [] : [top(operation.data.field_name)];
    case 'add_field':
      return operation.data.default_value === undefined ? [] : [top(operation.data.field_name)];
    case 'remove_field':
      return [top(operation.data.field_name)];
    case 'migrate_data':
      return [...new Set(pipelineFields(operation.data.pipeline ?? []).map(top))];
    default:
      return [];
  }
}

function renameStep({ data }: Operation<'rename_field'>): MappingStep {
  const from = pathParts(data.old_name);
  const last = pathParts(data.new_name).at(-1)!;
  const full = [...from.slice(0, -1), last].join('.');
  const step = (source: string, target: string, name: string) => (document: PortableDocument) => {
    const edits = renameAt(document, source, name);
    if (edits.length > 0 && valueAt(document, target) !== undefined)
      throw new PolyshiftError('CONVERSION_FAILED', `${source} becomes ${target}, and the row has both`);
    return edits;
  };
  return { forward: step(data.old_name, full, last), back: step(full, data.old_name, from.at(-1)!) };
}

function convertStep(operation: Operation<'change_type'>, oldType: PortableType | undefined): MappingStep {
  const { field_name } = operation.data;
  return {
    forward: typeConversion(operation),
    back(document, current) {
      const value = current && valueAt(current, field_name);
      const type = value === undefined || value === null ? oldType : dynamicType(value);
      if (!type) return [];
      return typeConversion({ ...operation, data: { field_name, to: type } })(document);
    },
  };
}

function addStep(operation: Operation<'add_field'>): MappingStep {
  const { field_name, default_value, type: reference } = operation.data;
  if (default_value === undefined) return nothing;
  const meets = compileConditions(operation.conditions);
  const literal = literalOf(default_value ?? null);
  const type = reference === undefined ? undefined : portableTypeOf(reference);
  const value = type ? toDynamic(type, castValue(literal.type, literal.value, type)) : toDynamic(literal.type, literal.value);
  return {
    forward(document) {
      if (valueAt(document, field_name) !== undefined || isBlocked(document, field_name) || !meets(document)) return [];
      const edit = setAt(document, field_name, value);
      return [edit.kind === 'set' && edit.field === field_name && type ? { ...edit, type } : edit];
    },
    // A row that had the field before is given it back.
    back: (document, current) => (current && valueAt(current, field_name) !== undefined ? [] : unsetAt(document, field_name)),
  };
}

function pipelineStep(operation: Operation<'migrate_data'>): MappingStep {
  const pipeline = operation.data.pipeline;
  if (!pipeline)
    throw new PolyshiftError('UNSUPPORTED_OPERATION', 'this store has no SQL expressions: migrate_data takes a pipeline here', {
      place: { path: 'data.set' },
      hint: 'Write it as pipeline: [{ $set: { field: expression } }].',
    });
  const edits = compilePipeline(pipeline);
  const fields = pipelineFields(pipeline);
  const meets = compileConditions(operation.conditions);
  return {
    forward: (document) => (meets(document) ? edits(document) : []),
    back(document, current) {
      let changed = document;
      const made: FieldEdit[] = [];
      for (const field of fields) {
        for (const edit of field.includes('.') ? asBefore(changed, current, field) : unsetAt(changed, field)) {
          made.push(edit);
          if (edit.kind === 'set') changed = new Map(changed).set(edit.field, edit.value);
        }
      }
      return made;
    },
  };
}

/** A path as the old version has it: of what lies within a document, because that goes over as a whole. */
function asBefore(document: PortableDocument, current: PortableDocument | undefined, path: string): readonly FieldEdit[] {
  if (!path.includes('.') || document.has(path)) return [];
  const value = current && valueAt(current, path);
  if (value === undefined) return unsetAt(document, path);
  return isBlocked(document, path) || valueAt(document, path.split('.').slice(0, -1).join('.')) === undefined
    ? []
    : [setAt(document, path, value)];
}
