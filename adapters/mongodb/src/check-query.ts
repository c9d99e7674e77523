import { type JsonObject, type JsonValue, PolyshiftError } from '@polyshift/core';
import { BSON, type Document } from 'mongodb';
import type { Store } from './store.ts';
import { jsonToCommand } from './values/json-value.ts';

/** Stages that write, which a check must not. */
const writing = ['$out', '$merge'];

/**
 * The first value that an aggregation gives: `{"aggregate": "users", "pipeline": [...]}` as JSON text. Of the first document it is the first field
 * but _id, or _id where that is all. Throws INVALID_DOCUMENT for other commands and for stages that write.
 */
export async function checkQuery(store: Store, text: string): Promise<JsonValue> {
  const { aggregate, pipeline } = parsed(text);
  const stages = pipeline.map((stage) => jsonToCommand(stage) as Document);
  const [document] = await store.db.collection(aggregate).aggregate(stages, { maxTimeMS: 600_000 }).limit(1).toArray();
  if (!document) return null;
  const json = BSON.EJSON.serialize(document, { relaxed: true }) as JsonObject;
  const [first] = Object.entries(json).filter(([name]) => name !== '_id');
  return first ? first[1] : (json['_id'] ?? null);
}

function parsed(text: string): { aggregate: string; pipeline: JsonObject[] } {
  let command: Partial<{ aggregate: unknown; pipeline: unknown }>;
  try {
    command = JSON.parse(text) as typeof command;
  } catch (cause) {
    throw refused(`not JSON: ${(cause as Error).message}`);
  }
  const { aggregate, pipeline } = command;
  if (typeof aggregate !== 'string' || !Array.isArray(pipeline)) throw refused('no aggregation');
  const found = pipeline.find((stage) => writing.some((name) => Object.hasOwn(stage as object, name)));
  if (found) throw refused('a check must not write, as $out and $merge do');
  return { aggregate, pipeline: pipeline as JsonObject[] };
}

function refused(why: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `the query of a check on MongoDB: ${why}`, {
    hint: 'Write {"aggregate": "collection", "pipeline": [{"$match": {...}}, {"$count": "n"}]} as JSON text.',
  });
}
