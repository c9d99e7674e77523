import { errors } from '@elastic/elasticsearch';
import type { JsonObject } from '@polyshift/core';
import type { Store } from '../store.ts';

/** What a request has beside its path. */
export interface RequestParts {
  readonly body?: JsonObject | undefined;
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Statuses that are no error; the answer is then what the server says. */
  readonly accepted?: readonly number[];
}

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** Sends a request. Reads are tried again where the connection broke; a write may have been done then, so only its caller can tell. */
export async function request<Answer>(
  store: Store,
  method: Method,
  path: readonly string[],
  { body, query, accepted }: RequestParts = {},
): Promise<Answer> {
  return (await store.client.transport.request(
    { method, path: pathOf(path), ...(query ? { querystring: { ...query } } : {}), ...(body ? { body } : {}) },
    { ...(accepted ? { ignore: [...accepted] } : {}), ...readOptions(method) },
  )) as Answer;
}

/** Sends a search or a get, and gives the answer as text: its numbers would not survive `JSON.parse`. */
export async function requestText(
  store: Store,
  path: readonly string[],
  { body, query }: Omit<RequestParts, 'accepted'>,
): Promise<string> {
  const result = await store.client.transport.request(
    { method: 'POST', path: pathOf(path), ...(query ? { querystring: { ...query } } : {}), ...(body ? { body } : {}) },
    { asStream: true, meta: true, maxRetries: 2 },
  );
  const chunks: Buffer[] = [];
  for await (const chunk of result.body as unknown as AsyncIterable<Buffer>) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  // Of a stream the client does not look at the status.
  if ((result.statusCode ?? 0) >= 400) throw new errors.ResponseError({ ...result, warnings: null, body: text });
  return text;
}

/** Sends lines of JSON, as bulk requests are. */
export async function requestLines<Answer>(
  store: Store,
  path: readonly string[],
  lines: string,
  query: Readonly<Record<string, string | number | boolean>>,
): Promise<Answer> {
  return (await store.client.transport.request({
    method: 'POST',
    path: pathOf(path),
    querystring: { ...query },
    bulkBody: lines,
  })) as Answer;
}

function readOptions(method: Method) {
  return method === 'GET' ? { maxRetries: 2 } : {};
}

function pathOf(parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
