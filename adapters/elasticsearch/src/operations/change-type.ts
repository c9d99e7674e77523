import { compilePipeline, keyList } from '@polyshift/adapter-kit';
import {
  type Check,
  ConversionError,
  checkThat,
  type JsonObject,
  type Operation,
  PolyshiftError,
  type PortableType,
} from '@polyshift/core';
import type { ConcreteIndex } from '../collection/collection.ts';
import { StoredDocument } from '../documents/document.ts';
import { changeAt, withField } from '../json/change-at.ts';
import { type JsonNode, sameNode } from '../json/node.ts';
import { nodeAt } from '../json/path.ts';
import { changedMapping, extendedMapping } from '../mapping/change-mapping.ts';
import { type FieldTypes, fieldTypes, nativeForValues } from '../mapping/field-types.ts';
import { definitionOfType, portableTypeOfReference } from '../mapping/type-reference.ts';
import { approximateRows, planned, swapLock } from '../planned.ts';
import { writableIndex } from '../preconditions.ts';
import type { GenerationUndo, Transformation } from '../rebuild/generation.ts';
import { convertNode } from '../values/convert.ts';
import { decodeFields } from '../values/decode.ts';
import { encodeValue } from '../values/encode.ts';
import { isNoKeyField, pathParts } from './field-names.ts';
import type { HandlerOf } from './parts.ts';
import { documentsWhere, rebuildMethods } from './rebuild-methods.ts';

/** change_type: a new index whose mapping has the field in its new type, with every value converted. */
export const changeType: HandlerOf<'change_type', GenerationUndo> = (parts) => {
  const { store } = parts;
  return {
    ...rebuildMethods<'change_type'>(parts, {
      transformation: transformationOf,
      next: ({ data }, { mappings, settings }) => ({
        mappings: retyped(mappings, data.field_name, definitionOfType(data.to)),
        settings,
      }),
    }),

    async plan(operation, context) {
      const { field_name, to } = operation.data;
      pathParts(field_name);
      const name = store.prefix + operation.collection;
      return [
        planned(
          { reindex: { from: name, to: `${name}_v?`, mappings: { [field_name]: definitionOfType(to) } } },
          {
            phase: 'migrate',
            lock: swapLock,
            rows: approximateRows(context, operation.collection),
            risk: 'data_changed',
            undo: 'lets the name stand for the old index again, with what was written since in the old type',
          },
        ),
      ];
    },

    async check(operation): Promise<Check[]> {
      pathParts(operation.data.field_name);
      const { check, index } = await writableIndex(store, operation.collection);
      if (!index) return [check];
      return [check, isNoKeyField(operation.collection, index, [operation.data.field_name]), await convertible(operation, index)];
    },
  };

  async function convertible(operation: Operation<'change_type'>, index: ConcreteIndex): Promise<Check> {
    const { forward } = transformationOf(operation, index.mappings);
    let reason = '';
    const refused = await documentsWhere(store, index, (document) => {
      try {
        forward(document);
        return false;
      } catch (error) {
        if (!(error instanceof ConversionError)) throw error;
        reason ||= `; ${error.message}`;
        return true;
      }
    });
    const { field_name } = operation.data;
    return checkThat(
      refused.length === 0,
      'convertible',
      {
        pass: `every value of ${field_name} converts exactly`,
        fail: `${refused.length} documents have a ${field_name} that does not convert exactly: ${keyList(refused)}${reason}`,
        action: 'Correct them first by migrate_data, or say how to convert by `using`.',
      },
      { count: refused.length },
    );
  }
};

function retyped(mappings: JsonObject, path: string, definition: JsonObject): JsonObject {
  return fieldTypes(mappings).has(path)
    ? changedMapping(mappings, path, (name) => [name, definition])
    : extendedMapping(mappings, path, definition);
}

function transformationOf(operation: Operation<'change_type'>, mappings: JsonObject): Transformation {
  const { field_name, to, using } = operation.data;
  const before = fieldTypes(mappings);
  const after = fieldTypes(retyped(mappings, field_name, definitionOfType(to)));
  const forward =
    using === undefined
      ? converter(before, after, field_name, portableTypeOfReference(to))
      : computed(before, after, field_name, using);
  // Of a field that no mapping names, values go back to what they were by their old documents alone.
  const old = before.get(field_name)?.portable;
  const back = old && old.kind !== 'dynamic' ? converter(after, before, field_name, old) : undefined;
  return {
    forward,
    backward(document, previous) {
      const now = nodeAt(document.fields, field_name);
      if (now === undefined || now === null) return document;
      const kept = previous && nodeAt(previous.fields, field_name);
      // The value is the one that the change gave it: then its old form is known to the letter.
      if (previous && kept !== undefined && sameAt(forward(previous), document, field_name))
        return withValue(document, field_name, kept);
      if (back) return back(document);
      throw new ConversionError(`${field_name} had no type of its own before`);
    },
  };
}

function converter(from: FieldTypes, to: FieldTypes, path: string, target: PortableType) {
  const native = nativeForValues(to.get(path));
  return (document: StoredDocument): StoredDocument => {
    const fields = changeAt(document.fields, path, (inside, name) =>
      withField(inside, name, convertNode(inside.get(name)!, from, path, target, native)),
    );
    return fields === document.fields ? document : StoredDocument.of(document.id, fields, document.routing);
  };
}

/** By an expression over the document. */
function computed(from: FieldTypes, to: FieldTypes, path: string, using: string) {
  const edits = compilePipeline([{ $set: { [path]: expressionOf(using) } }]);
  return (document: StoredDocument): StoredDocument => {
    if (nodeAt(document.fields, path) === undefined) return document;
    let result = document;
    for (const edit of edits(decodeFields(document.fields, from))) {
      if (edit.kind !== 'set') continue;
      const refuse = (loss: string, text: string): never => {
        throw new ConversionError(`${text} cannot be held (${loss})`);
      };
      result = withValue(
        result,
        edit.field,
        encodeValue({ kind: 'dynamic' }, edit.value, refuse, nativeForValues(to.get(edit.field))),
      );
    }
    return result;
  };
}

function withValue(document: StoredDocument, path: string, node: JsonNode): StoredDocument {
  return StoredDocument.of(
    document.id,
    changeAt(document.fields, path, (inside, name) => withField(inside, name, node)),
    document.routing,
  );
}

function sameAt(left: StoredDocument, right: StoredDocument, path: string): boolean {
  const [one, other] = [nodeAt(left.fields, path), nodeAt(right.fields, path)];
  return one !== undefined && other !== undefined && sameNode(one, other);
}

function expressionOf(using: string): JsonObject {
  try {
    return JSON.parse(using) as JsonObject;
  } catch (cause) {
    throw new PolyshiftError('INVALID_EXPRESSION', `using is not JSON: ${(cause as Error).message}`, {
      place: { path: 'data.using' },
      hint: 'Here it is an aggregation expression as JSON text, like {"$toInt": "$age"}.',
      cause,
    });
  }
}
