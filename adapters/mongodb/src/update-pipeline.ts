import { type JsonObject, type JsonValue, PolyshiftError } from '@polyshift/core';
import type { Document } from 'mongodb';
import { jsonToCommand } from './values/json-value.ts';

/** The stages that an update pipeline may have. */
const allowed = ['$set', '$addFields', '$unset', '$project', '$replaceRoot', '$replaceWith'];

/**
 * The stages of an update pipeline, with a document's _id kept as updates keep it: so that the same stages give the same result in
 * an aggregation. Throws INVALID_DOCUMENT for stages that updates do not take and for those that change _id.
 */
export function updateStages(pipeline: readonly JsonObject[]): Document[] {
  return pipeline.map((stage, index) => {
    const [name, value] = Object.entries(stage)[0]!;
    if (!allowed.includes(name)) {
      throw new PolyshiftError('INVALID_DOCUMENT', `${name} is no stage of an update pipeline`, {
        place: { path: `data.pipeline[${index}]` },
        hint: `Stages are ${allowed.join(', ')}. Pipelines with $group, $lookup and the like are run by merge_pipeline.`,
      });
    }
    refuseIdChange(name, value, index);
    return { [name]: keepId(name, value) };
  });
}

function keepId(name: string, value: JsonValue): unknown {
  if (name === '$project') {
    // Updates keep _id whatever a projection says.
    const { _id: _dropped, ...rest } = value as JsonObject;
    return jsonToCommand(rest);
  }
  if (name === '$replaceWith') return { $mergeObjects: [{ _id: '$_id' }, jsonToCommand(value)] };
  if (name === '$replaceRoot') {
    return { newRoot: { $mergeObjects: [{ _id: '$_id' }, jsonToCommand((value as JsonObject)['newRoot'] ?? null)] } };
  }
  return jsonToCommand(value);
}

function refuseIdChange(name: string, value: JsonValue, index: number): void {
  const fields =
    name === '$unset' ? [value].flat() : name === '$set' || name === '$addFields' ? Object.keys(value as JsonObject) : [];
  const projected = name === '$project' ? (value as JsonObject)['_id'] : undefined;
  const changed = fields.some((field) => field === '_id' || String(field).startsWith('_id.'));
  const computed = projected !== undefined && ![0, 1, true, false].includes(projected as never);
  if (changed || computed) {
    throw new PolyshiftError('INVALID_DOCUMENT', 'an update cannot change _id', {
      place: { path: `data.pipeline[${index}].${name}` },
      hint: 'Copy the documents by extract with another key.',
    });
  }
}
