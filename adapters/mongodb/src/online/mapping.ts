import { innerOperations, type JsonValue, type Operation } from '@polyshift/core';
import type { Document } from 'mongodb';
import { both, conditionFilter } from '../conditions.ts';
import { targetOf } from '../operations/change-type.ts';
import { names } from '../operations/rename-field.ts';
import { fieldPath } from '../preconditions.ts';
import { jsonToCommand } from '../values/json-value.ts';
import { type Branches, branchesOf, type MappingStep, stages } from './branches.ts';
import { convertBack, convertStep } from './conversions.ts';
import { addSteps, migrateStep, removeStep, renameSteps } from './mapping-steps.ts';

/** How documents of one version become documents of the other. */
export interface Mapping {
  readonly forward: Branches;
  readonly back: Branches;
  /** Paths in the new version that the old one does not know: their values are the new version's own. */
  readonly ownNew: ReadonlySet<string>;
  /** Paths in the old version that nothing of the new one says anything about: their values are the old version's own. */
  readonly ownOld: ReadonlySet<string>;
  /** The path in the old version of a path in the new one. */
  oldPath(path: string): string;
}

/** Composes the mapping of an online change from the operations within it; fields that none of them names are carried as they are. */
export function mappingOf(operation: Operation<'online_change'>, types: Readonly<Record<string, string>>): Mapping {
  const inner = innerOperations(operation);
  const given = Object.entries((operation.data.back ?? {}) as Record<string, JsonValue>);
  const isGiven = (field: string): boolean => given.some(([name]) => name === field);
  const forward: MappingStep[] = [];
  const back: MappingStep[] = [];
  const [ownNew, ownOld] = [new Set<string>(), new Set<string>()];
  for (const [index, each] of inner.entries()) {
    const before = inner.slice(0, index);
    const after = inner.slice(index + 1);
    switch (each.type) {
      case 'rename_field': {
        const steps = renameSteps(each);
        forward.push(steps.forward);
        back.unshift(steps.back);
        break;
      }
      case 'change_type': {
        forward.push(convertStep(each, true));
        const step = convertBack(each, typeBefore(each, before, types));
        if (step) back.unshift(step);
        break;
      }
      case 'add_field': {
        const steps = addSteps(each);
        if (!steps) break;
        forward.push(steps.forward);
        back.unshift(steps.back);
        ownNew.add(newPathAfter(each.data.field_name, after));
        break;
      }
      case 'remove_field': {
        const path = fieldPath(each.data.field_name);
        forward.push(removeStep(path, both({}, conditionFilter(each.conditions))));
        ownOld.add(oldPathBefore(path.join('.'), before));
        break;
      }
      case 'migrate_data': {
        const { forward: step, written } = migrateStep(each);
        forward.push(step);
        const kept = written.filter((field) => !isGiven(oldPathBefore(field, before)));
        if (kept.length > 0) back.unshift(stages([{ $unset: kept }]));
        for (const field of kept) ownOld.add(oldPathBefore(field, before));
        break;
      }
      default:
        break;
    }
  }
  for (const [field] of given) ownOld.delete(field);
  const kept = given.map(([, expression], index) => ({ [`polyshift_back_${index}`]: jsonToCommand(expression) }));
  const set = given.map(([field], index) => ({ $set: { [field]: `$polyshift_back_${index}` } }));
  const taken = given.map((_each, index) => `polyshift_back_${index}`);
  const computed: Document[] = kept.length === 0 ? [] : [{ $set: Object.assign({}, ...kept) as Document }];
  return {
    forward: branchesOf(forward),
    back: branchesOf([
      ...(computed.length > 0 ? [stages(computed)] : []),
      ...back,
      ...(computed.length > 0 ? [stages([...set, { $unset: taken }])] : []),
    ]),
    ownNew,
    ownOld,
    oldPath: (path) => oldPathBefore(path, inner),
  };
}

/** The path in the old version of a field as it is called after some operations. */
export function oldPathBefore(field: string, operations: readonly Operation[]): string {
  let name = field;
  for (const operation of operations.toReversed()) {
    if (operation.type !== 'rename_field') continue;
    const { path, full } = names(operation);
    name = moved(name, full, path.join('.'));
  }
  return name;
}

function newPathAfter(field: string, operations: readonly Operation[]): string {
  let name = field;
  for (const operation of operations) {
    if (operation.type !== 'rename_field') continue;
    const { path, full } = names(operation);
    name = moved(name, path.join('.'), full);
  }
  return name;
}

/** A path at or below another one, as it is when that is called otherwise. */
function moved(path: string, from: string, to: string): string {
  if (path === from) return to;
  return path.startsWith(`${from}.`) ? to + path.slice(from.length) : path;
}

/** The type that a field had before a change_type: what an earlier one has made of it, else what most documents have. */
function typeBefore(
  operation: Operation<'change_type'>,
  before: readonly Operation[],
  types: Readonly<Record<string, string>>,
): string | undefined {
  const field = oldPathBefore(operation.data.field_name, before);
  for (const [index, earlier] of [...before.entries()].toReversed()) {
    if (earlier.type !== 'change_type' || earlier.data.using !== undefined) continue;
    if (oldPathBefore(earlier.data.field_name, before.slice(0, index)) === field) return targetOf(earlier);
  }
  return types[field];
}
