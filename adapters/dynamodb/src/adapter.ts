import { type ConnectOptions, defineAdapter, PolyshiftError, type StoreSession } from '@polyshift/core';
import { capabilities } from './capabilities.ts';
import { addressOf, openClient } from './connection.ts';
import { classify, toPolyshiftError } from './errors.ts';
import { askServer } from './features.ts';
import { sender } from './requests.ts';
import { openSession } from './session.ts';

/** The DynamoDB adapter: the service, or DynamoDB Local. */
export const adapter = defineAdapter({
  store: 'dynamodb',
  url_schemes: ['dynamodb'],
  capabilities,
  connect: async (url: string, options: ConnectOptions = {}) => connect(url, options),
  classify,
});

/** @throws PolyshiftError CONNECTION_FAILED, AUTHENTICATION_FAILED or PERMISSION_DENIED */
async function connect(url: string, options: ConnectOptions): Promise<StoreSession> {
  const address = addressOf(url);
  const client = openClient(address, options);
  try {
    const timeout = AbortSignal.timeout(options.connect_timeout_ms ?? 10_000);
    const { features, server } = await askServer(client, address.prefix, timeout);
    let closed = false;
    const send = sender(client, () => closed);
    const { prefix } = address;
    return openSession({ client, send, prefix, features, server, keys: new Map() }, () => {
      closed = true;
      client.destroy();
    });
  } catch (error) {
    client.destroy();
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
