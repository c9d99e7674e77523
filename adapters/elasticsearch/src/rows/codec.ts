import type { FieldEdit, RowCodec } from '@polyshift/adapter-kit';
import {
  canonicalText,
  type JsonValue,
  PolyshiftError,
  type PortableDocument,
  type PortableType,
  type PortableValue,
} from '@polyshift/core';
import { type JsonNode, nodeText, sameNode } from '../json/node.ts';
import { parseJsonText } from '../json/parse.ts';
import { type FieldTypes, nativeForValues } from '../mapping/field-types.ts';
import type { MappingCache } from '../mapping/mapping-cache.ts';
import { decodeAt } from '../values/decode.ts';
import { encodeValue } from '../values/encode.ts';
import type { RawField } from './raw-field.ts';

const dynamic: PortableType = { kind: 'dynamic' };

/** How documents are read, changed and compared, field by field. */
export function documentCodec(mappings: MappingCache): RowCodec<RawField> {
  return {
    decode(collection, row) {
      const { fields } = mappings.of(collection);
      const document: PortableDocument = new Map();
      for (const [name, { node }] of row) document.set(name, decodeAt(node, fields, name));
      return document;
    },

    edit(collection, row, edits) {
      const { fields } = mappings.of(collection);
      let edited: [string, JsonNode][] = [...row].map(([name, { node }]) => [name, node]);
      for (const edit of edits) edited = edit.kind === 'set' ? withValue(edited, edit, fields) : withoutOrRenamed(edited, edit);
      const result = new Map<string, RawField>();
      const hasId = row.has('_id');
      for (const [index, [name, node]] of edited.entries()) result.set(name, { node, at: hasId ? index - 1 : index });
      return result;
    },

    equal: (left, right) => sameNode(left.node, right.node),

    canonical: ({ node }) => nodeText(node),

    toJson: ({ node, at }) => [nodeText(node), at],

    fromJson(json) {
      const [text, at] = json as [string, number] & JsonValue[];
      return { node: parseJsonText(text), at };
    },
  };
}

function withValue(
  row: readonly [string, JsonNode][],
  { field, value, type }: Extract<FieldEdit, { kind: 'set' }>,
  fields: FieldTypes,
): [string, JsonNode][] {
  const old = row.find(([name]) => name === field)?.[1];
  const node = old === undefined ? encode(value, type, fields, field) : changedNode(old, value, type, fields, field);
  if (old === undefined) return [...row, [field, node]];
  return row.map(([name, kept]) => [name, name === field ? node : kept]);
}

function withoutOrRenamed(row: readonly [string, JsonNode][], edit: Exclude<FieldEdit, { kind: 'set' }>): [string, JsonNode][] {
  if (edit.kind === 'unset') return row.filter(([name]) => name !== edit.field);
  return row
    .filter(([name]) => name !== edit.to || edit.to === edit.from)
    .map(([name, node]) => [name === edit.from ? edit.to : name, node]);
}

/** The new node of a value; what of it is as it was keeps its digits. */
function changedNode(
  old: JsonNode,
  value: PortableValue,
  type: PortableType | undefined,
  fields: FieldTypes,
  path: string,
): JsonNode {
  if (old instanceof Map && value instanceof Map) {
    return new Map(
      [...value].map(([name, inner]) => {
        const before = old.get(name);
        const inside = `${path}.${name}`;
        return [
          name,
          before === undefined ? encode(inner, undefined, fields, inside) : changedNode(before, inner, undefined, fields, inside),
        ];
      }),
    );
  }
  const same = canonicalText(dynamic, decodeAt(old, fields, path)) === canonicalText(dynamic, value);
  return same && type === undefined ? old : encode(value, type, fields, path);
}

function encode(value: PortableValue, type: PortableType | undefined, fields: FieldTypes, path: string): JsonNode {
  return encodeValue(
    type ?? dynamic,
    value,
    (loss, from) => {
      throw new PolyshiftError('CONVERSION_FAILED', `${path}: Elasticsearch cannot hold ${from} (${loss})`);
    },
    nativeForValues(fields.get(path)),
  );
}
