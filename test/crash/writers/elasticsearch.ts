import {
  answerTimeoutMs,
  expectOneRow,
  type LiveWriter,
  type NotedRow,
  neverSent,
  notesByKey,
  type OpenWriter,
  WriteRefused,
} from './writer.ts';

/** How often the server tries an update again that another write of the same document has come into. */
const conflictRetries = 5;

/** Documents in an answer of a search. */
const pageSize = 5000;

interface Hit {
  readonly _source: { readonly id: number; readonly [field: string]: unknown };
  readonly sort: readonly unknown[];
}

/** Writes the documents of a collection of Elasticsearch, through its alias. */
export const openElasticsearchWriter: OpenWriter = async (url, table, field = 'note') => {
  const { host, searchParams } = new URL(url);
  const index = `${searchParams.get('index_prefix') ?? ''}${table}`;
  const request = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Response> => {
    try {
      return await fetch(`http://${host}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
    } catch (error) {
      throw error instanceof Error && neverSent(error.cause) ? new WriteRefused(error.cause) : error;
    }
  };
  const write = async (...[method, path, body]: Parameters<typeof request>): Promise<number> => {
    const response = await request(method, path, body);
    const text = await response.text();
    if (response.ok) return 1;
    // What has an answer of 404 with a result is a document that is not there; without one, it is an index.
    if (response.status === 404 && /"result":"not_found"|document_missing_exception/.test(text)) return 0;
    const error = new Error(`HTTP ${response.status}: ${text.slice(0, 300)}`);
    throw response.status < 500 ? new WriteRefused(error) : error;
  };
  const read = async <Answer>(path: string, body?: unknown): Promise<Answer> => {
    const response = await request('POST', path, body);
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  await read(`/${index}/_refresh`);
  return {
    async insert(key, note) {
      await write('PUT', `/${index}/_create/${key}`, { id: key, [field]: note });
    },
    async update(key, note) {
      const path = `/${index}/_update/${key}?retry_on_conflict=${conflictRetries}`;
      expectOneRow(await write('POST', path, { doc: { [field]: note } }), `update ${key}`);
    },
    async remove(key) {
      expectOneRow(await write('DELETE', `/${index}/_doc/${key}`), `remove ${key}`);
    },
    async readAll() {
      await read(`/${index}/_refresh`);
      const rows: NotedRow[] = [];
      const { id } = await read<{ id: string }>(`/${index}/_pit?keep_alive=1m`);
      for (let after: readonly unknown[] | undefined; ; ) {
        const { hits } = await read<{ hits: { hits: Hit[] } }>('/_search', {
          size: pageSize,
          pit: { id },
          sort: [{ _shard_doc: 'asc' }],
          ...(after ? { search_after: after } : {}),
        });
        rows.push(...hits.hits.map(({ _source }): NotedRow => [_source.id, _source[field] as string | undefined]));
        if (hits.hits.length < pageSize) break;
        after = hits.hits.at(-1)!.sort;
      }
      await request('DELETE', '/_pit', { id });
      return notesByKey(rows);
    },
    async [Symbol.asyncDispose]() {},
  } satisfies LiveWriter;
};
