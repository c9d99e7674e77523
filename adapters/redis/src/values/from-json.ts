import {
  dynamicType,
  type PortableDocument,
  type PortableRange,
  type PortableType,
  type PortableValue,
  Tagged,
  toDynamic,
} from '@polyshift/core';
import type { JsonNode } from './json-node.ts';
import { numberValue } from './json-number.ts';
import { readScalar } from './read-text.ts';
import { elementType, typeMember } from './to-json.ts';
import { typeNamed } from './type-name.ts';

/**
 * Reads a value of a known type from its place in a JSON text, as a dynamic value. What an application has written in another form than the type has comes back as
 * what it is in JSON.
 */
export function fromJson(type: PortableType, text: string, node: JsonNode): PortableValue {
  return typedJson(type, text, node) ?? dynamicJson(text, node);
}

/** Undefined where the text is no value of the type; a null is left to the dynamic reading. */
function typedJson(type: PortableType, text: string, node: JsonNode): PortableValue | undefined {
  if (type.kind === 'dynamic' || isTagged(node)) return undefined;
  const slice = text.slice(node.start, node.end);
  if (slice === 'null') return undefined;
  switch (type.kind) {
    case 'json':
      return toDynamic(type, slice);
    case 'array':
      if (node.kind !== 'array') return undefined;
      return node.elements.map((each) => fromJson(elementType(type, each.kind === 'array' ? [] : null), text, each));
    case 'range':
      return node.kind === 'object' ? rangeJson(type, text, node) : undefined;
    case 'document':
      return node.kind === 'object' ? documentJson(text, node) : undefined;
    case 'bytes':
      return node.kind === 'string' ? Buffer.from(JSON.parse(slice) as string, 'base64') : undefined;
    case 'text':
      return node.kind === 'string' ? (JSON.parse(slice) as string) : undefined;
    default: {
      if (node.kind === 'object' || node.kind === 'array') return undefined;
      const value = slice === '-0' ? -0 : readScalar(type, node.kind === 'string' ? (JSON.parse(slice) as string) : slice);
      return value === undefined ? undefined : toDynamic(type, value);
    }
  }
}

function dynamicJson(text: string, node: JsonNode): PortableValue {
  const slice = text.slice(node.start, node.end);
  switch (node.kind) {
    case 'string':
      return JSON.parse(slice) as string;
    case 'number':
      return numberValue(slice);
    case 'word':
      return JSON.parse(slice) as boolean | null;
    case 'array':
      return node.elements.map((each) => dynamicJson(text, each));
    case 'object':
      return (isTagged(node) ? taggedJson(text, node) : undefined) ?? documentJson(text, node);
  }
}

/** Every member of an object as a dynamic value. */
export function documentJson(text: string, node: JsonNode & { kind: 'object' }): PortableDocument {
  return new Map(node.members.map(({ name, value }) => [name, dynamicJson(text, value)]));
}

function isTagged(node: JsonNode): node is JsonNode & { kind: 'object' } {
  return (
    node.kind === 'object' &&
    node.members.length === 2 &&
    node.members[0]!.name === typeMember &&
    node.members[1]!.name === '$value'
  );
}

function taggedJson(text: string, { members }: JsonNode & { kind: 'object' }): PortableValue | undefined {
  const [typeNode, valueNode] = [members[0]!.value, members[1]!.value];
  if (typeNode.kind !== 'string') return undefined;
  const type = typeNamed(JSON.parse(text.slice(typeNode.start, typeNode.end)) as string);
  if (!type) return undefined;
  // JSON text that could not stand as it is, and a document that looks like a tag.
  if (type.kind === 'json' && valueNode.kind === 'string')
    return toDynamic(type, JSON.parse(text.slice(valueNode.start, valueNode.end)) as string);
  if (type.kind === 'document' && valueNode.kind === 'object') return documentJson(text, valueNode);
  const value = typedJson(type, text, valueNode);
  return value !== undefined && (type.kind !== 'array' || dynamicType(value)?.kind === 'array') ? value : undefined;
}

function rangeJson(
  type: PortableType & { kind: 'range' },
  text: string,
  { members }: JsonNode & { kind: 'object' },
): PortableValue {
  const found = new Map(members.map(({ name, value }) => [name, value]));
  const bound = (name: string): PortableValue => {
    const node = found.get(name);
    // Bounds of a range are bare values of its own type.
    const value = node === undefined ? null : fromJson(type.of, text, node);
    return value instanceof Tagged ? value.value : value;
  };
  const flag = (name: string): boolean => {
    const node = found.get(name);
    return node !== undefined && text.slice(node.start, node.end) === 'true';
  };
  const range: PortableRange = {
    empty: flag('empty'),
    lower: bound('lower'),
    upper: bound('upper'),
    lower_inclusive: flag('lower_inclusive'),
    upper_inclusive: flag('upper_inclusive'),
  };
  return toDynamic(type, range);
}
