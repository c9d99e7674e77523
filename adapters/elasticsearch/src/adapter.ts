import { Client } from '@elastic/elasticsearch';
import { type ConnectOptions, defineAdapter, PolyshiftError, type StoreSession } from '@polyshift/core';
import { capabilities } from './capabilities.ts';
import { classify, toPolyshiftError } from './errors.ts';
import { MappingCache } from './mapping/mapping-cache.ts';
import { openSession } from './session.ts';
import { parseUrl } from './url.ts';

/** The Elasticsearch adapter: collections are aliases over indices, and plain indices. */
export const adapter = defineAdapter({
  store: 'elasticsearch',
  url_schemes: ['elasticsearch', 'elasticsearch+https', 'http', 'https'],
  capabilities,
  ca_option: 'driver.tls.ca',
  connect: async (url: string, options: ConnectOptions = {}) => connect(url, options),
  classify,
});

type ClientOptions = ConstructorParameters<typeof Client>[0];

interface Greeting {
  readonly version: { readonly number: string; readonly distribution?: string };
}

async function connect(url: string, options: ConnectOptions): Promise<StoreSession> {
  const timeout = options.connect_timeout_ms ?? 10_000;
  let client: Client | undefined;
  try {
    const { node, auth, prefix } = parseUrl(url);
    client = new Client({
      node,
      ...(auth ? { auth } : {}),
      name: options.application_name ?? 'polyshift',
      // A write that was sent may have been done: only its caller knows what to do about it.
      maxRetries: 0,
      ...(options.driver as ClientOptions | undefined),
    });
    const greeting = (await client.transport.request({ method: 'GET', path: '/' }, { requestTimeout: timeout })) as Greeting;
    const server = {
      product: 'Elasticsearch',
      version: greeting.version.number,
      stand_in: false,
      features: {},
    };
    return openSession({ client, prefix, server, mappings: new MappingCache() });
  } catch (error) {
    await client?.close().catch(() => undefined);
    throw connectionError(error);
  }
}

function connectionError(error: unknown): PolyshiftError {
  const { code } = classify(error);
  const known = code === 'AUTHENTICATION_FAILED' || code === 'PERMISSION_DENIED' ? code : 'CONNECTION_FAILED';
  return new PolyshiftError(known, `Elasticsearch: ${toPolyshiftError(error).message}`, {
    cause: error,
    ...(known === 'CONNECTION_FAILED'
      ? { hint: 'Check the host, the port and the TLS options of the URL, and that the server runs.' }
      : {}),
  });
}
