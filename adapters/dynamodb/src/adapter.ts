import { type ConnectOptions, defineAdapter, PolyshiftError, type StoreSession } from '@polyshift/core';
import { capabilities } from './capabilities.ts';
import { addressOf, openClient } from './connection.ts';
import { classify, toPolyshiftError } from './errors.ts';
import { askServer } from './features.ts';
import { sender } from './requests.ts';
import { openSession } from './session.ts';
import type { Store } from './store.ts';

/** The DynamoDB adapter: the service, or DynamoDB Local. */
export const adapter = defineAdapter({
  store: 'dynamodb',
  url_schemes: ['dynamodb'],
  capabilities,
  ca_option: 'driver.requestHandler.httpsAgent.ca',
  connect: async (url: string, options: ConnectOptions = {}) => connect(url, options),
  classify,
});

/** Connects; see `Adapter.connect`. */
async function connect(url: string, options: ConnectOptions): Promise<StoreSession> {
  return openSession(await connectStore(url, options));
}

/**
 * The connection below a session.
 *
 * @throws PolyshiftError CONNECTION_FAILED, AUTHENTICATION_FAILED or PERMISSION_DENIED
 */
export async function connectStore(url: string, options: ConnectOptions = {}): Promise<Store> {
  const { prefix, ...address } = addressOf(url);
  const client = openClient(address, options);
  const close = (): void => {
    closed = true;
    client.destroy();
  };
  let closed = false;
  try {
    const timeout = AbortSignal.timeout(options.connect_timeout_ms ?? 10_000);
    const { features, server } = await askServer(client, prefix, timeout);
    return { send: sender(client, () => closed), close, prefix, features, server, keys: new Map() };
  } catch (error) {
    close();
    throw connectionError(error);
  }
}

function connectionError(error: unknown): PolyshiftError {
  const { code } = classify(error);
  const known = code === 'AUTHENTICATION_FAILED' || code === 'PERMISSION_DENIED' ? code : 'CONNECTION_FAILED';
  return new PolyshiftError(known, `DynamoDB: ${toPolyshiftError(error).message}`, {
    cause: error,
    ...(known === 'CONNECTION_FAILED'
      ? { hint: 'Check the host, the port, the region and the TLS parameter of the URL, and that the server runs.' }
      : {}),
  });
}
