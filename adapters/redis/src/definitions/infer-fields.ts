import { dynamicType, type PortableDocument, type PortableType, stableJson } from '@polyshift/core';
import { type Definition, fieldType, keyNames } from './definition.ts';

/** Finds out the types of fields that a definition does not name, from documents that have them. */
export class FieldTypes {
  private readonly definition: Definition;
  /** Null where values have several types: each says its own then. */
  private readonly found = new Map<string, PortableType | null>();

  constructor(definition: Definition) {
    this.definition = definition;
  }

  /** Looks at the values of one document. */
  add(document: PortableDocument): void {
    for (const [name, value] of document) {
      if (keyNames(this.definition).includes(name) || fieldType(this.definition, name)) continue;
      const type = dynamicType(value);
      if (!type) continue;
      const known = this.found.get(name);
      this.found.set(name, known === undefined ? type : known && common(known, type));
    }
  }

  /** The definition with the fields that have one type. */
  extended(): Definition {
    const fields = [...this.found].flatMap(([name, type]) => (type ? [{ name, type, nullable: true }] : []));
    return fields.length === 0 ? this.definition : { ...this.definition, fields: [...this.definition.fields, ...fields] };
  }
}

/** The type that holds the values of both exactly; integers of different widths have one. */
function common(left: PortableType, right: PortableType): PortableType | null {
  if (stableJson(left) === stableJson(right)) return left;
  const integers = ['int16', 'int32', 'int64'];
  const widest = Math.max(integers.indexOf(left.kind), integers.indexOf(right.kind));
  const both = integers.includes(left.kind) && integers.includes(right.kind);
  return both ? ({ kind: integers[widest] } as PortableType) : null;
}
