import type { TypeReference } from '@polyshift/core';
import type { ExtractStep } from './extract-step.ts';
import type { ChildLoad, LoadStep } from './load-step.ts';
import type { Rule } from './rule.ts';
import type { Flatten } from './shaping.ts';
import type { Spec } from './spec.ts';
import type { TransformStep } from './transform-step.ts';

/** A field of one branch that takes its value from a field of another. */
export interface Inherited {
  readonly field: string;
  /** The position of the other branch in its flow. */
  readonly branch: number;
  /** The target field of that branch. */
  readonly from: string;
  /** Whether that branch makes its row of the row around the element (`outer`) or of the element itself (`same`). */
  readonly row: 'outer' | 'same';
}

/** One way from the rows of an extract step into one target: a load step, a child of one, or a junction table. */
export interface BranchSpec {
  /** Where it stands in the spec. */
  readonly place: readonly PropertyKey[];
  /** Where its rules and dropped fields stand. */
  readonly rulesPlace: readonly PropertyKey[];
  readonly dropPlace: readonly PropertyKey[];
  readonly target_table: string;
  readonly mode: LoadStep['mode'];
  readonly key: readonly string[] | undefined;
  /** Rows in one write; undefined where feedback finds them. */
  readonly batch_size: number | undefined;
  readonly indexes: LoadStep['indexes'];
  readonly load_params: LoadStep['load_params'];
  readonly types: Readonly<Record<string, TypeReference>> | undefined;
  /** An expression that says which rows are taken. */
  readonly when: string | undefined;
  /** The array whose elements are the rows, as a path in the source row; undefined where each source row is one. */
  readonly unwind: { readonly field: string; readonly index_field: string | undefined } | undefined;
  /** Whether the rules see the element alone, not the row around it. */
  readonly elementOnly: boolean;
  readonly rules: Readonly<Record<string, Rule>>;
  readonly include_rest: boolean | undefined;
  readonly drop: readonly string[];
  readonly flatten: Flatten | undefined;
  readonly inherited: readonly Inherited[];
  /** The target field for the position of an element. */
  readonly positionField: string | undefined;
  /** The branch whose rows these belong to: a row whose outer row was not written is not written either. */
  readonly parent: number | undefined;
  /** A branch that makes a row of each element, too, and must have written it (the elements of a junction). */
  readonly beside: number | undefined;
  /** Whether rows that are equal are loaded once. */
  readonly distinct: boolean;
  /** The arrays of the row that branches of their own load: they are left out of the rest. */
  readonly unwoundElsewhere: readonly string[];
}

/** An extract step with all that is loaded from it. */
export interface Flow {
  readonly extract: ExtractStep;
  /** The index of the extract step in the spec. */
  readonly index: number;
  /** Parents before their children. */
  readonly branches: readonly BranchSpec[];
}

/** Sorts the steps of a spec into flows. */
export function flowsOf(spec: Spec): Flow[] {
  const flows: { extract: ExtractStep; index: number; branches: BranchSpec[] }[] = [];
  let transform: { readonly step: TransformStep; readonly index: number } | undefined;
  for (const [index, step] of spec.steps.entries()) {
    if (step.type === 'extract') flows.push({ extract: step, index, branches: [] });
    else if (step.type === 'transform') transform = { step, index };
    else {
      addLoad(flows.at(-1)!.branches, step, index, transform);
      transform = undefined;
    }
  }
  return flows;
}

function addLoad(
  branches: BranchSpec[],
  load: LoadStep,
  index: number,
  transform: { readonly step: TransformStep; readonly index: number } | undefined,
): void {
  const place = ['steps', index];
  const step = transform?.step;
  const rulesAt = ['steps', transform?.index ?? index];
  const own = branches.length;
  branches.push({
    place,
    rulesPlace: [...rulesAt, 'transformation_rules'],
    dropPlace: [...rulesAt, 'drop'],
    target_table: load.target_table,
    mode: load.mode,
    key: load.key,
    batch_size: load.batch_size,
    indexes: load.indexes,
    load_params: load.load_params,
    types: load.types,
    when: load.when,
    unwind: step?.unwind && { field: step.unwind.field, index_field: step.unwind.index_field },
    elementOnly: false,
    rules: step?.transformation_rules ?? {},
    include_rest: step?.include_rest,
    drop: step?.drop ?? [],
    flatten: step?.flatten,
    inherited: [],
    positionField: undefined,
    parent: undefined,
    beside: undefined,
    distinct: load.distinct,
    unwoundElsewhere: (load.children ?? []).map((child) => child.field),
  });
  for (const [position, child] of (load.children ?? []).entries()) {
    addChild(branches, child, [...place, 'children', position], {
      branch: own,
      path: undefined,
      mode: load.mode,
      indexes: load.indexes,
    });
  }
}

function addChild(
  branches: BranchSpec[],
  child: ChildLoad,
  place: readonly PropertyKey[],
  parent: {
    readonly branch: number;
    readonly path: string | undefined;
    readonly mode: LoadStep['mode'];
    readonly indexes: LoadStep['indexes'];
  },
): void {
  const path = parent.path === undefined ? child.field : `${parent.path}.${child.field}`;
  const mode = child.mode ?? parent.mode;
  const foreignKey = Object.entries(child.foreign_key ?? {});
  const own = branches.length;
  const { indexes } = parent;
  const shared = { place, mode, indexes, when: undefined, unwind: { field: path, index_field: undefined }, elementOnly: true };
  branches.push({
    ...shared,
    rulesPlace: [...place, 'fields'],
    dropPlace: [...place, 'drop'],
    target_table: child.target_table,
    key: child.key ?? [...foreignKey.map(([field]) => field), ...(child.index_field === undefined ? [] : [child.index_field])],
    batch_size: child.batch_size,
    load_params: child.load_params,
    types: child.types,
    rules: child.fields,
    include_rest: child.include_rest,
    drop: child.drop ?? [],
    flatten: child.flatten,
    inherited: foreignKey.map(([field, from]) => ({ field, branch: parent.branch, from, row: 'outer' })),
    positionField: child.index_field,
    parent: parent.branch,
    beside: undefined,
    distinct: child.junction !== undefined,
    unwoundElsewhere: (child.children ?? []).map((inner) => inner.field),
  });
  const { junction } = child;
  if (junction) {
    const inherited: Inherited[] = [
      ...Object.entries(junction.foreign_key).map(
        ([field, from]): Inherited => ({ field, branch: parent.branch, from, row: 'outer' }),
      ),
      ...Object.entries(junction.element_key).map(([field, from]): Inherited => ({ field, branch: own, from, row: 'same' })),
    ];
    branches.push({
      ...shared,
      rulesPlace: [...place, 'junction'],
      dropPlace: [...place, 'junction'],
      target_table: junction.target_table,
      key: junction.key ?? inherited.map(({ field }) => field),
      batch_size: child.batch_size,
      load_params: junction.load_params,
      types: junction.types,
      rules: {},
      include_rest: false,
      drop: [],
      flatten: undefined,
      inherited,
      positionField: undefined,
      parent: parent.branch,
      beside: own,
      distinct: true,
      unwoundElsewhere: [],
    });
  }
  for (const [position, inner] of (child.children ?? []).entries()) {
    addChild(branches, inner, [...place, 'children', position], { branch: own, path, mode, indexes });
  }
}
