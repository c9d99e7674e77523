import { type JsonObject, type Operation, PolyshiftError } from '@polyshift/core';
import type { Document } from 'mongodb';
import { hasPath } from '../change/field-bytes.ts';
import { both, conditionFilter } from '../conditions.ts';
import { defaultOf, lacking, noDocuments } from '../operations/add-field.ts';
import { names } from '../operations/rename-field.ts';
import { fieldPath } from '../preconditions.ts';
import { updateStages } from '../update-pipeline.ts';
import { type MappingStep, stages, where } from './branches.ts';
import { notMapped } from './conversions.ts';

/** A rename in its place, as a step; of a document that has both names nobody can tell what it is to become. */
export function renameStep(from: readonly string[], to: string): MappingStep {
  const parent = from.slice(0, -1).join('.');
  const name = from.at(-1)!;
  const renamed = (input: string): Document => ({
    $arrayToObject: {
      $map: {
        input: { $objectToArray: input },
        as: 'field',
        in: { k: { $cond: [{ $eq: ['$$field.k', { $literal: name }] }, { $literal: to }, '$$field.k'] }, v: '$$field.v' },
      },
    },
  });
  if (parent !== '') {
    const filter = both(hasPath(from) as Document, { [`${parent}.${to}`]: { $exists: false } });
    return where(filter, [{ $set: { [parent]: renamed(`$${parent}`) } }]);
  }
  const missing = (field: string): Document => ({ $eq: [{ $type: `$${field}` }, 'missing'] });
  const both_there = notMapped(`${name} becomes ${to}, and the document has both`);
  return stages([
    {
      $replaceWith: {
        $cond: [
          missing(name),
          '$$ROOT',
          { $cond: [missing(to), renamed('$$ROOT'), { $mergeObjects: ['$$ROOT', { [name]: both_there }] }] },
        ],
      },
    },
  ]);
}

/** A rename_field to the new form and back. */
export function renameSteps(operation: Operation<'rename_field'>): { forward: MappingStep; back: MappingStep } {
  const { path, name, full } = names(operation);
  return { forward: renameStep(path, name), back: renameStep(full.split('.'), path.at(-1)!) };
}

/** An add_field to the new form and back; undefined where it writes nothing. */
export function addSteps(operation: Operation<'add_field'>): { forward: MappingStep; back: MappingStep } | undefined {
  if (operation.data.default_value === undefined) return undefined;
  const path = fieldPath(operation.data.field_name);
  const field = path.join('.');
  const value = { $literal: defaultOf(operation) };
  const back = removeStep(path, {});
  if (path.length === 1 && operation.conditions === undefined) {
    const filled = { $cond: [{ $eq: [{ $type: `$${field}` }, 'missing'] }, value, `$${field}`] };
    return { forward: stages([{ $set: { [field]: filled } }]), back };
  }
  const settable = path.length === 1 ? {} : { $nor: [noDocuments(path)] };
  return { forward: where(both(lacking(operation) as Document, settable), [{ $set: { [field]: value } }]), back };
}

/** Takes a field away where documents meet a filter. */
export function removeStep(path: readonly string[], filter: Document): MappingStep {
  const unset = [{ $unset: path.join('.') }];
  return path.length === 1 ? where(filter, unset) : where(both(hasPath(path) as Document, filter), unset);
}

/** A migrate_data to the new form, with the paths that it writes. */
export function migrateStep(operation: Operation<'migrate_data'>): { forward: MappingStep; written: string[] } {
  const pipeline = (operation.data.pipeline ?? []) as JsonObject[];
  const forward = where(conditionFilter(operation.conditions), updateStages(pipeline));
  return { forward, written: [...new Set(pipeline.flatMap(writtenFields))] };
}

function writtenFields(stage: JsonObject): string[] {
  const [name, value] = Object.entries(stage)[0]!;
  if (name === '$set' || name === '$addFields') return Object.keys(value as JsonObject);
  if (name === '$unset') return [value].flat().map(String);
  const excluded = Object.entries((value ?? {}) as JsonObject).filter(([field]) => field !== '_id');
  if (name === '$project' && excluded.every(([, shown]) => shown === 0 || shown === false))
    return excluded.map(([field]) => field);
  throw new PolyshiftError(
    'ONLINE_REFUSED',
    `a migrate_data with ${name} makes documents of which nobody can tell the way back`,
    {
      hint: 'Write it with $set and $unset, which name the fields that they change.',
    },
  );
}
