import {
  type CollectionSchema,
  type Column,
  type PortableType,
  portableColumn,
  portableTypeOf,
  type TypeReference,
} from '@polyshift/core';
import type { CompiledBranch } from '../transform/compile-branch.ts';
import { commonType, type InferredField } from '../transform/infer-columns.ts';
import { documentRows, type Shape } from '../transform/shape.ts';

/** What is known of a target before its columns are settled. */
export interface ColumnSources {
  /** Whether the store's rows have a fixed list of columns. */
  readonly fixed: boolean;
  readonly existing: CollectionSchema | undefined;
  /** Whether `inferred` is what a run under way has settled: it holds, whatever the target looks like by now. */
  readonly settled: boolean;
  /** What the journal or a sample says of fields whose types the source does not tell. */
  readonly inferred: readonly InferredField[];
  /** Types that the spec gives. */
  readonly types: Readonly<Record<string, TypeReference>>;
  /** What a foreign key refers to: the columns that it has the types of. */
  readonly inherited: ReadonlyMap<string, Column>;
}

/** Whether the rows of a branch are documents of any fields. */
export function isDynamic({ shape }: CompiledBranch): boolean {
  return shape.kind === 'documents' || (shape.kind === 'as_is' && shape.dynamic);
}

/** The columns that the rules of a branch make. */
export function ruleColumns({ shape }: CompiledBranch): readonly Column[] {
  return shape.kind === 'documents' ? [] : shape.columns;
}

/**
 * The fields that documents are put into where the target has a fixed list: those that a run has settled, those of the target, or what the source
 * shows of them and those that the spec names.
 */
export function fixedFields(branches: readonly CompiledBranch[], sources: ColumnSources): string[] {
  const { existing, settled, inferred, types } = sources;
  const made = branches.flatMap((branch) => [
    ...branch.rules.map((rule) => rule.column.name),
    ...ruleColumns(branch).map((column) => column.name),
  ]);
  if (settled) return inferred.map((field) => field.name);
  const known = existing
    ? existing.fields.filter((field) => field.generated !== 'stored' && field.generated !== 'virtual').map((field) => field.name)
    : inferred.map((field) => field.name);
  return [...new Set([...(existing ? known : [...made, ...known, ...Object.keys(types)])])];
}

/** A branch whose documents become rows of a fixed list of fields. */
export function fitted(branch: CompiledBranch, fields: readonly string[]): CompiledBranch {
  const { shape } = branch;
  if (shape.kind === 'documents') return { ...branch, shape: documentRows(fields, shape.build) };
  if (shape.kind === 'as_is' && shape.dynamic) {
    return { ...branch, shape: documentRows(fields, (row) => branch.fields.document(row)) };
  }
  return branch;
}

/** The columns of a target: those of all its branches, each with the type that holds what all of them give. */
export function targetColumns(branches: readonly CompiledBranch[], sources: ColumnSources): Column[] {
  const columns = new Map<string, Column>();
  for (const branch of branches) {
    for (const column of ruleColumns(branch)) {
      const known = columns.get(column.name);
      columns.set(column.name, known ? commonColumn(known, column) : column);
    }
  }
  return [...columns.values()].map((column) => {
    const everywhere = branches.every((branch) => ruleColumns(branch).some(({ name }) => name === column.name));
    return settled(everywhere ? column : { ...column, nullable: true }, sources);
  });
}

function commonColumn(left: Column, right: Column): Column {
  if (left.form === right.form && left.native === right.native && JSON.stringify(left.type) === JSON.stringify(right.type)) {
    return { ...left, nullable: left.nullable || right.nullable };
  }
  return portableColumn(left.name, commonType(left.type, right.type), left.nullable || right.nullable);
}

/** A column with the type that the spec, a foreign key or a sample gives it. */
function settled(column: Column, { inferred, types, inherited, fixed, existing }: ColumnSources): Column {
  const given = Object.hasOwn(types, column.name) ? portableTypeOf(types[column.name]!) : undefined;
  if (given) return portableColumn(column.name, given, column.nullable);
  const referred = inherited.get(column.name);
  if (referred) return { ...referred, name: column.name, nullable: column.nullable };
  if (column.type.kind !== 'dynamic' || !fixed || existing) return column;
  const shown: PortableType | undefined = inferred.find((field) => field.name === column.name)?.type;
  return shown ? portableColumn(column.name, shown, column.nullable) : column;
}

/** What the sink of a new target is shown of the documents that will come; a type that the spec gives stands in place of a sampled one. */
export function shownColumns({ inferred, types }: ColumnSources): Column[] {
  return inferred.map(({ name, type, nullable }) => {
    const given = Object.hasOwn(types, name) ? portableTypeOf(types[name]!) : undefined;
    return portableColumn(name, given ?? type, nullable);
  });
}

/** Whether a sample is needed: to settle the columns of a branch, or to show the sink of a new target what documents will come. */
export function needsSample(branch: CompiledBranch, sources: Pick<ColumnSources, 'fixed' | 'existing' | 'types'>): boolean {
  if (sources.existing) return false;
  if (isDynamic(branch)) return true;
  return (
    sources.fixed &&
    ruleColumns(branch).some((column) => column.type.kind === 'dynamic' && !Object.hasOwn(sources.types, column.name))
  );
}

/** A shape whose columns are those of the target, in its order: what a branch does not make is missing, or null in a fixed list. */
export function widened(shape: Shape, target: readonly Column[], fixed: boolean): Shape {
  if (shape.kind === 'documents') return shape;
  const own = shape.columns;
  if (own.length === target.length && own.every((column, index) => column.name === target[index]!.name)) return shape;
  const positions = target.map(({ name }) => own.findIndex((column) => column.name === name));
  const columns = target.map((column, index) => own[positions[index]!] ?? portableColumn(column.name, { kind: 'dynamic' }));
  const absent = fixed ? null : undefined;
  const build = shape.kind === 'rows' ? shape.build : (row: unknown) => row as readonly unknown[];
  return {
    kind: 'rows',
    columns,
    build: (row) => {
      const made = build(row);
      return positions.map((position) => (position < 0 ? absent : made[position]));
    },
  };
}
