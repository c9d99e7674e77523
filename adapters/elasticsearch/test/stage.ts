import type { AnyOperationInput, JsonObject, JsonValue, Migration, StoreSession } from '@polyshift/core';
import { checkOperation, migrationChecksum } from '@polyshift/core';
import { elasticsearch } from '@polyshift/elasticsearch';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';

const server = await sharedServer('elasticsearch');

/** A session over a prefix of its own, with the server below it. */
export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly prefix: string;
  readonly session: StoreSession;
  /** Sends a request as an application would; the path stands behind the prefix. */
  send(method: string, path: string, body?: JsonValue | string): Promise<JsonObject>;
  /** The source of a document, as text; undefined where there is none. */
  source(collection: string, id: string): Promise<string | undefined>;
}

/** An empty prefix, connected. */
export async function openStage(): Promise<Stage> {
  const database = await freshDatabase(server, 'adapter');
  const session = await elasticsearch.connect(database.url);
  const url = new URL(database.url);
  const prefix = url.searchParams.get('index_prefix')!;
  const fetched = (method: string, path: string, body?: JsonValue | string): Promise<Response> =>
    fetch(`${url.origin}/${prefix}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    url: database.url,
    prefix,
    session,
    send: async (method, path, body) => (await (await fetched(method, path, body)).json()) as JsonObject,
    async source(collection, id) {
      const response = await fetched('GET', `${collection}/_source/${id}`);
      return response.status === 404 ? undefined : response.text();
    },
    async [Symbol.asyncDispose]() {
      await session.close();
      await database.drop();
    },
  };
}

/** A migration of one operation, as if it had been read from a file. */
export function migrationOf(input: AnyOperationInput, version = '1'): Migration {
  const operations = [checkOperation(input)];
  return { version, name: `v${version}`, operations, checksum: migrationChecksum({ operations }), file: `${version}.json` };
}
