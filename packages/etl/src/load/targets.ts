import {
  type CollectionSchema,
  type Column,
  type JsonObject,
  nearest,
  ownValue,
  type SinkTarget,
  type TypeReference,
} from '@polyshift/core';
import type { BranchSpec } from '../spec/branches.ts';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import type { CompiledBranch } from '../transform/compile-branch.ts';
import type { InferredField } from '../transform/infer-columns.ts';
import { typed } from '../transform/typed-shape.ts';
import { type ColumnSources, fitted, fixedFields, isDynamic, shownColumns, targetColumns, widened } from './target-columns.ts';
import { targetKey } from './target-key.ts';
import { hasUniqueKeys } from './unique-keys.ts';

/** Fields of a target that refer to the key of another. */
export interface ForeignKey {
  /** The position of the other target. */
  readonly target: number;
  readonly table: string;
  readonly fields: readonly { readonly field: string; readonly to: string }[];
}

/** A table or collection that a spec loads into, by one branch or several. */
export interface PreparedTarget {
  readonly table: string;
  /** Where the spec names it first. */
  readonly place: readonly PropertyKey[];
  readonly key: readonly string[];
  readonly mode: SinkTarget['mode'];
  readonly columns: readonly Column[];
  readonly dynamic: boolean;
  /** What the journal keeps: the columns, or what documents have shown, so that a run that goes on makes the same of them. */
  readonly fields: readonly InferredField[];
  /** Whether equal rows of one key are one row. */
  readonly distinct: boolean;
  /** Whether indexes are dropped before the load and built again after it. */
  readonly rebuildsIndexes: boolean;
  readonly foreignKeys: readonly ForeignKey[];
  readonly existing: CollectionSchema | undefined;
  readonly types: Readonly<Record<string, TypeReference>>;
  /** The target as the sink sees it, for the name under which the undo of the run is kept aside. */
  sinkTarget(aside: string): SinkTarget;
}

/** A branch in its flow with its place among all. */
export interface FlowBranch {
  readonly flow: number;
  readonly position: number;
  readonly branch: CompiledBranch;
  readonly sourceKey: readonly string[];
}

/** What targets are made of. */
export interface TargetParts {
  readonly loaded: LoadedSpec;
  readonly keyField: string | undefined;
  readonly fixedColumns: boolean;
  existingOf(table: string): CollectionSchema | undefined;
  /** Whether the fields are those that a run has settled. */
  readonly settled: boolean;
  inferredOf(table: string): readonly InferredField[];
}

/** Targets in the order of loading, parents first, and the branches with the shapes that their targets take. */
export function targetsOf(
  branches: readonly FlowBranch[],
  parts: TargetParts,
): { readonly targets: readonly PreparedTarget[]; readonly branches: readonly (FlowBranch & { readonly target: number })[] } {
  const tables = [...new Set(branches.map(({ branch }) => branch.spec.target_table))];
  const targets: PreparedTarget[] = [];
  const shaped: (FlowBranch & { readonly target: number })[] = [];
  for (const [index, table] of tables.entries()) {
    const own = branches.filter(({ branch }) => branch.spec.target_table === table);
    const made = makeTarget(table, index, own, { ...parts, branches, targets });
    targets.push(made.target);
    for (const [position, branch] of made.branches.entries()) shaped.push({ ...own[position]!, branch, target: index });
  }
  return { targets, branches: shaped };
}

function makeTarget(
  table: string,
  index: number,
  own: readonly FlowBranch[],
  parts: TargetParts & { readonly branches: readonly FlowBranch[]; readonly targets: readonly PreparedTarget[] },
): { target: PreparedTarget; branches: CompiledBranch[] } {
  const { loaded, keyField, fixedColumns: fixed } = parts;
  const specs = own.map(({ branch }) => branch.spec);
  const first = specs[0]!;
  const mode = sameMode(loaded, specs);
  const existing = parts.existingOf(table);
  const foreignKeys = foreignKeysOf(own, parts);
  const types = typesOf(specs, foreignKeys, parts.targets);
  const sources: ColumnSources = {
    fixed,
    existing,
    settled: parts.settled,
    inferred: parts.inferredOf(table),
    types,
    inherited: inheritedColumns(foreignKeys, parts.targets),
  };
  const dynamicBefore = own.some(({ branch }) => isDynamic(branch));
  const fields =
    fixed && dynamicBefore
      ? fixedFields(
          own.map(({ branch }) => branch),
          sources,
        )
      : [];
  const ready = own.map(({ branch }) => (fixed ? (fields.length > 0 ? fitted(branch, fields) : branch) : typed(branch, types)));
  const dynamic = ready.some(isDynamic);
  const columns = dynamic ? [] : targetColumns(ready, sources);
  const key = targetKey(
    ready.map((branch, position) => ({ branch, sourceKey: own[position]!.sourceKey })),
    { loaded, fixed: keyField, columns, existing },
  );
  checkTypes(loaded, specs, columns, dynamic);
  const origins = own.map(({ branch, flow, sourceKey }) => ({
    branch,
    sourceKey,
    named: loaded.flows[flow]!.extract.key !== undefined,
  }));
  const unique_keys = hasUniqueKeys(origins, key, columns);
  const params = paramsOf(specs, types);
  const shown = dynamic && !existing ? shownColumns(sources) : undefined;
  return {
    target: {
      table,
      place: first.place,
      key,
      mode,
      columns,
      dynamic,
      fields: (shown ?? columns).map(({ name, type, nullable }) => ({ name, type, nullable })),
      distinct: specs.some((spec) => spec.distinct),
      rebuildsIndexes: specs.some((spec) => spec.indexes === 'rebuild'),
      foreignKeys: foreignKeys.filter(({ fields: mapped, target }) => {
        const other = parts.targets[target]!;
        return mapped.length === other.key.length && other.key.every((name) => mapped.some(({ to }) => to === name));
      }),
      existing,
      types,
      sinkTarget: (aside) => ({
        collection: table,
        columns,
        dynamic,
        ...(shown ? { shown } : {}),
        key,
        unique_keys,
        mode,
        on_loss: loaded.spec.on_loss,
        aside: index === 0 ? aside : `${aside}_${index}`,
        params,
      }),
    },
    branches: ready.map((branch) => (dynamic ? branch : { ...branch, shape: widened(branch.shape, columns, fixed) })),
  };
}

function sameMode(loaded: LoadedSpec, specs: readonly BranchSpec[]): SinkTarget['mode'] {
  const { mode, target_table } = specs[0]!;
  const other = specs.find((spec) => spec.mode !== mode);
  if (other) {
    throw specError(loaded, other.place, 'INVALID_DOCUMENT', `two steps load into "${target_table}" in different modes`, {
      hint: `One says ${mode}, the other ${other.mode}.`,
    });
  }
  return mode;
}

/** The fields of a target that take the values of another target, by that target. */
function foreignKeysOf(
  own: readonly FlowBranch[],
  parts: {
    readonly loaded: LoadedSpec;
    readonly branches: readonly FlowBranch[];
    readonly targets: readonly PreparedTarget[];
  },
): ForeignKey[] {
  const { loaded, branches, targets } = parts;
  const found = new Map<number, Map<string, string>>();
  for (const { flow, branch } of own) {
    for (const { field, branch: position, from } of branch.spec.inherited) {
      const other = branches.find((each) => each.flow === flow && each.position === position)!;
      const target = targets.findIndex(({ table }) => table === other.branch.spec.target_table);
      if (target < 0) continue;
      checkReferred(loaded, branch.spec, targets[target]!, from);
      const fields = found.get(target) ?? new Map<string, string>();
      found.set(target, fields.set(field, from));
    }
  }
  return [...found].map(([target, fields]) => ({
    target,
    table: targets[target]!.table,
    fields: [...fields].map(([field, to]) => ({ field, to })),
  }));
}

function checkReferred(loaded: LoadedSpec, { place }: BranchSpec, { table, columns }: PreparedTarget, field: string): void {
  if (columns.length === 0 || columns.some(({ name }) => name === field)) return;
  const names = columns.map(({ name }) => name);
  const near = nearest(field, names);
  throw specError(loaded, place, 'UNKNOWN_FIELD', `"${table}" gets no field "${field}"`, {
    hint: near ? `Did you mean "${near}"?` : `It gets ${names.slice(0, 12).join(', ')}.`,
  });
}

function inheritedColumns(foreignKeys: readonly ForeignKey[], targets: readonly PreparedTarget[]): Map<string, Column> {
  const columns = new Map<string, Column>();
  for (const { target, fields } of foreignKeys) {
    for (const { field, to } of fields) {
      const column = targets[target]!.columns.find(({ name }) => name === to);
      if (column) columns.set(field, column);
    }
  }
  return columns;
}

/** The types that specs give, and those that the columns have to which foreign keys refer. */
function typesOf(
  specs: readonly BranchSpec[],
  foreignKeys: readonly ForeignKey[],
  targets: readonly PreparedTarget[],
): Record<string, TypeReference> {
  const types: Record<string, TypeReference> = {};
  for (const { target, fields } of foreignKeys) {
    for (const { field, to } of fields) {
      const type = ownValue(targets[target]!.types, to);
      if (type !== undefined) types[field] = type;
    }
  }
  return Object.assign(types, ...specs.map((spec) => spec.types ?? {}));
}

function checkTypes(loaded: LoadedSpec, specs: readonly BranchSpec[], columns: readonly Column[], dynamic: boolean): void {
  if (dynamic) return;
  for (const spec of specs) {
    const unknown = Object.keys(spec.types ?? {}).find((name) => !columns.some((column) => column.name === name));
    if (unknown !== undefined) {
      throw specError(loaded, [...spec.place, 'types', unknown], 'UNKNOWN_FIELD', `no rule makes the target field "${unknown}"`);
    }
  }
}

/** Parameters for the sink: `columns` has the types that it is to give to the columns of a new table. */
function paramsOf(specs: readonly BranchSpec[], types: Readonly<Record<string, TypeReference>>): JsonObject | undefined {
  const given = Object.assign({}, ...specs.map((spec) => spec.load_params ?? {})) as JsonObject;
  if (Object.keys(types).length > 0) {
    given['columns'] = { ...(types as JsonObject), ...((given['columns'] as JsonObject | undefined) ?? {}) };
  }
  return Object.keys(given).length > 0 ? given : undefined;
}
