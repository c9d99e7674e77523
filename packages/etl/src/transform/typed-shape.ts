import {
  castValue,
  type PortableDocument,
  type PortableType,
  type PortableValue,
  portableColumn,
  portableTypeOf,
  type TypeReference,
  toDynamic,
} from '@polyshift/core';
import type { CompiledBranch } from './compile-branch.ts';

/** A branch whose values are of the portable types that the spec gives, for stores whose fields have no type of their own. */
export function typed(branch: CompiledBranch, types: Readonly<Record<string, TypeReference>>): CompiledBranch {
  const wanted = new Map(
    Object.entries(types).flatMap(([name, reference]): [string, PortableType][] => {
      const type = portableTypeOf(reference);
      return type ? [[name, type]] : [];
    }),
  );
  if (wanted.size === 0) return branch;
  const { shape } = branch;
  if (shape.kind === 'documents' || (shape.kind === 'as_is' && shape.dynamic)) {
    const build = shape.kind === 'documents' ? shape.build : (row: unknown) => new Map(branch.fields.document(row));
    return { ...branch, shape: { kind: 'documents', build: (row) => typedDocument(build(row), wanted) } };
  }
  const { columns } = shape;
  const casts = columns.map(({ name, type, decode }) => {
    const target = wanted.get(name);
    return target && ((raw: unknown): PortableValue => castValue(type, decode(raw), target));
  });
  const build = shape.kind === 'rows' ? shape.build : (row: unknown) => row as readonly unknown[];
  return {
    ...branch,
    shape: {
      kind: 'rows',
      columns: columns.map((column) => {
        const target = wanted.get(column.name);
        return target ? portableColumn(column.name, target, column.nullable) : column;
      }),
      build: (row) =>
        build(row).map((raw, position) => {
          const cast = casts[position];
          return cast === undefined || raw === null || raw === undefined ? raw : cast(raw);
        }),
    },
  };
}

function typedDocument(document: PortableDocument, wanted: ReadonlyMap<string, PortableType>): PortableDocument {
  for (const [name, type] of wanted) {
    const value = document.get(name);
    if (value !== undefined && value !== null) document.set(name, toDynamic(type, castValue({ kind: 'dynamic' }, value, type)));
  }
  return document;
}
