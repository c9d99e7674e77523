import { dynamicType, type PortableDocument, type PortableType } from '@polyshift/core';

/** A field as the journal keeps it: what a sample has shown of it. */
export interface InferredField {
  readonly name: string;
  readonly type: PortableType;
  readonly nullable: boolean;
}

const integers = ['int16', 'int32', 'int64'];

/** The fields of documents in the order of their first appearance, each with the type that holds all its values. */
export function inferFields(documents: Iterable<PortableDocument>): InferredField[] {
  const fields = new Map<string, { type: PortableType | undefined; nullable: boolean; count: number }>();
  let total = 0;
  for (const document of documents) {
    total++;
    for (const [name, value] of document) {
      const known = fields.get(name) ?? { type: undefined, nullable: false, count: 0 };
      fields.set(name, known);
      known.count++;
      const type = dynamicType(value);
      if (type === undefined) known.nullable = true;
      else known.type = known.type === undefined ? type : commonType(known.type, type);
    }
  }
  return [...fields].map(([name, { type, nullable, count }]) => ({
    name,
    type: type ?? { kind: 'dynamic' },
    nullable: nullable || count < total,
  }));
}

/** The narrowest type that holds the values of both exactly; dynamic where there is none. */
export function commonType(left: PortableType, right: PortableType): PortableType {
  if (JSON.stringify(left) === JSON.stringify(right)) return left;
  const kinds = [left.kind, right.kind];
  if (kinds.every((kind) => integers.includes(kind))) {
    return integers.indexOf(left.kind) > integers.indexOf(right.kind) ? left : right;
  }
  if (kinds.every((kind) => ['int16', 'int32', 'float32', 'float64'].includes(kind))) return { kind: 'float64' };
  if (kinds.every((kind) => integers.includes(kind) || kind === 'decimal')) return { kind: 'decimal' };
  if (kinds.every((kind) => kind === 'text' || kind === 'enum')) return { kind: 'text' };
  if (left.kind === 'array' && right.kind === 'array') return { kind: 'array', of: commonType(left.of, right.of) };
  return { kind: 'dynamic' };
}
