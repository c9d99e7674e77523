import { type JsonObject, type JsonValue, PolyshiftError } from '@polyshift/core';
import { nameOf } from './collection/names.ts';
import { request, requestText } from './http/request.ts';
import { type JsonNode, JsonNumber } from './json/node.ts';
import { type Answer, type AnswerValue, parseAnswer, parseFields, RawJson } from './json/parse.ts';
import type { Store } from './store.ts';

/**
 * The first value that a search gives: `{"search": "users", "body": {...}}` as JSON text, the body as `_search` takes it. With aggregations it is
 * the `value` or `doc_count` of the first of them, else the first field of the first hit; null where there is none. A search cannot
 * write. Throws INVALID_DOCUMENT for other requests, and for aggregations that have no one value.
 */
export async function checkQuery(store: Store, text: string): Promise<JsonValue> {
  const { search, body } = parsed(text);
  const index = nameOf(store, search);
  // What was written before is to be seen.
  await request(store, 'POST', [index, '_refresh'], { accepted: [403] });
  const aggregates = body['aggs'] !== undefined || body['aggregations'] !== undefined;
  const answer = await requestText(store, [index, '_search'], { body: { size: aggregates ? 0 : 1, ...body } });
  const { aggregations, hits } = parseAnswer(answer, '_source') as { aggregations?: Answer; hits: { hits: Answer[] } };
  return aggregations ? ofAggregations(aggregations) : ofHit(hits.hits[0]);
}

function ofAggregations(aggregations: Answer): JsonValue {
  const [first] = Object.entries(aggregations) as [string, Answer][];
  if (!first) return null;
  const [name, { value, doc_count }] = first;
  const found: AnswerValue | undefined = value !== undefined ? value : doc_count;
  if (found === undefined) throw refused(`the aggregation ${name} has no one value`);
  return found as JsonValue;
}

function ofHit(hit: Answer | undefined): JsonValue {
  if (!hit) return null;
  const source = hit['_source'];
  if (!(source instanceof RawJson)) return (hit['_id'] as string | undefined) ?? null;
  const [first] = parseFields(source.text).values();
  return first === undefined ? (hit['_id'] as string) : jsonOfNode(first);
}

/** Numbers that JSON holds exactly as numbers, others as their digits. */
function jsonOfNode(node: JsonNode): JsonValue {
  if (node instanceof JsonNumber) {
    const number = Number(node.text);
    return String(number) === node.text ? number : node.text;
  }
  if (node instanceof Map) return Object.fromEntries([...node].map(([name, inner]) => [name, jsonOfNode(inner)]));
  return Array.isArray(node) ? node.map(jsonOfNode) : node;
}

function parsed(text: string): { search: string; body: JsonObject } {
  let content: { search?: unknown; body?: unknown };
  try {
    content = JSON.parse(text) as typeof content;
  } catch (cause) {
    throw refused(`not JSON: ${(cause as Error).message}`);
  }
  const { search, body = {}, ...others } = content ?? {};
  const unknown = Object.keys(others)[0];
  if (typeof search !== 'string') throw refused('no search');
  if (unknown !== undefined) throw refused(`"${unknown}" is no part of a search`);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refused('the body is no object');
  return { search, body: body as JsonObject };
}

function refused(why: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `the query of a check on Elasticsearch: ${why}`, {
    hint: 'Write {"search": "users", "body": {"query": {...}, "aggs": {"n": {"max": {"field": "age"}}}}} as JSON text.',
  });
}
