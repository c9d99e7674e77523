import {
  type Column,
  ConversionError,
  nearest,
  type PortableDocument,
  type PortableValue,
  portableColumn,
} from '@polyshift/core';
import { structureOf, valueAt } from './functions/structure.ts';
import type { Input, InputField } from './input.ts';

/** A row that was made of one element of an array: the row around it, the element, and its position. */
export class Unwound {
  readonly row: unknown;
  readonly element: PortableValue;
  readonly index: number;
  constructor(row: unknown, element: PortableValue, index: number) {
    this.row = row;
    this.element = element;
    this.index = index;
  }
}

/** What an element that is no document is called. */
const elementName = 'value';

/**
 * Gives the elements of an array field, by row: none where it is null or missing; a document in its place is its own only element, as
 * in MongoDB's `$unwind`. JSON is looked into. Throws ConversionError for any other value.
 */
export function elementsReader(field: InputField): (row: unknown) => readonly PortableValue[] {
  const { type, decode } = field.column;
  const structured = type.kind === 'array' || type.kind === 'json' || type.kind === 'document';
  return (row) => {
    const raw = field.read(row);
    if (raw === null || raw === undefined) return [];
    const value = structured ? structureOf(type, decode(raw)) : decode(raw);
    if (value === null) return [];
    if (Array.isArray(value)) return value;
    if (value instanceof Map) return [value];
    throw new ConversionError(`${field.name} is no array`);
  };
}

/** The row around an element, in which the element has taken the place of the array, and its position that of `indexField`. */
export function unwoundInput(outer: Input, path: string, indexField: string | undefined): Input {
  const inner = (name: string, parts: readonly string[]): InputField => ({
    name,
    column: portableColumn(name, { kind: 'dynamic' }),
    read: (row) => valueAt((row as Unwound).element, parts),
  });
  return {
    dynamic: outer.dynamic,
    names: [...outer.names, ...(indexField === undefined ? [] : [indexField])],
    nearest: (name) => outer.nearest(name),
    use: (batch) => outer.use(batch),
    field: (name) => {
      if (name === path) return inner(name, []);
      if (name.startsWith(`${path}.`)) return inner(name, name.slice(path.length + 1).split('.'));
      if (name === indexField) return positionField(name);
      const field = outer.field(name);
      return field && { ...field, read: (row) => field.read((row as Unwound).row) };
    },
    document: (row) => {
      const { row: around, element, index } = row as Unwound;
      const document = replaced(outer.document(around), path.split('.'), element);
      if (indexField !== undefined) document.set(indexField, index);
      return document;
    },
  };
}

/** The element alone: its fields, or the field `value` where it is no document. */
export function elementInput(names: readonly string[]): Input {
  const column = (name: string): Column => portableColumn(name, { kind: 'dynamic' });
  return {
    dynamic: true,
    names,
    nearest: (name) => nearest(name, names),
    use: () => undefined,
    field: (name) => {
      const parts = name.split('.');
      return {
        name,
        column: column(name),
        read: (row) => {
          const { element } = row as Unwound;
          if (element instanceof Map) return element.has(name) ? element.get(name) : valueAt(element, parts);
          return name === elementName ? element : undefined;
        },
      };
    },
    document: (row) => {
      const { element } = row as Unwound;
      return element instanceof Map ? new Map(element) : new Map([[elementName, element]]);
    },
  };
}

function positionField(name: string): InputField {
  return {
    name,
    column: portableColumn(name, { kind: 'int32' }, false),
    read: (row) => (row as Unwound).index,
  };
}

function replaced(document: PortableDocument, path: readonly string[], value: PortableValue): PortableDocument {
  const [head, ...rest] = path;
  const copy = new Map(document);
  const inside = copy.get(head!);
  copy.set(head!, rest.length > 0 && inside instanceof Map ? replaced(inside, rest, value) : value);
  return copy;
}
