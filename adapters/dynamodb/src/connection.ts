import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { type ConnectOptions, PolyshiftError } from '@polyshift/core';

/** Requests that are on their way at once, at most: as many sockets are kept open. */
export const requestsInFlight = 64;

/** Milliseconds until a request that gets no answer is an error. */
const requestTimeoutMs = 60_000;

/**
 * A logger without the levels that requests are logged on, which the SDK then leaves alone. Into one that is there and does nothing, as its own is, it
 * first makes a copy of each request for the log, without what is secret: a third of the CPU of a load.
 */
const quiet = { trace() {}, debug() {}, warn() {} } as unknown as NonNullable<DynamoDBClientConfig['logger']>;

const form = 'dynamodb://KEY:SECRET@HOST:PORT?region=REGION&table_prefix=PREFIX';
const known = ['region', 'table_prefix', 'tls', 'session_token'];

/** What a URL says. */
export interface Address {
  /** Undefined is the service itself, in the region. */
  readonly endpoint: string | undefined;
  /** Undefined lets the SDK look for it where it always does. */
  readonly region: string | undefined;
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
  /** Stands before every table name, and is not part of the names of collections. Default: nothing. */
  readonly prefix: string;
}

/**
 * Reads a URL. User and password are access key and secret, percent-encoded; without them the SDK looks for credentials where it
 * always does. Without a host (`dynamodb://?region=eu-central-1`) the service itself is meant.
 *
 * @throws PolyshiftError CONNECTION_FAILED for what is not such a URL; the text of the URL is not in the message, because it may hold a secret
 */
export function addressOf(text: string): Address {
  if (!URL.canParse(text)) throw wrongUrl(`it is not of the form ${form}`);
  const { protocol, host, username, password, searchParams } = new URL(text);
  if (protocol !== 'dynamodb:') throw wrongUrl(`it is not of the form ${form}`);
  const odd = [...searchParams.keys()].find((name) => !known.includes(name));
  if (odd !== undefined) throw wrongUrl(`it has a parameter ${odd}; known are ${known.join(', ')}`);
  const prefix = searchParams.get('table_prefix') ?? '';
  if (!/^[a-zA-Z0-9_.-]*$/.test(prefix)) throw wrongUrl('table_prefix takes letters, digits, _, - and .');
  const sessionToken = searchParams.get('session_token');
  return {
    endpoint: host === '' ? undefined : `${searchParams.get('tls') === 'true' ? 'https' : 'http'}://${host}`,
    region: searchParams.get('region') ?? (host === '' ? undefined : 'us-east-1'),
    credentials:
      username === ''
        ? undefined
        : {
            accessKeyId: decodeURIComponent(username),
            secretAccessKey: decodeURIComponent(password),
            ...(sessionToken === null ? {} : { sessionToken }),
          },
    prefix,
  };
}

/** A client that does not retry by itself: this adapter does, because it knows which writes may be sent twice. */
export function openClient(address: Omit<Address, 'prefix'>, options: ConnectOptions): DynamoDBClient {
  const agent = { keepAlive: true, maxSockets: requestsInFlight };
  const { requestHandler, ...driver } = (options.driver ?? {}) as DynamoDBClientConfig;
  return new DynamoDBClient({
    maxAttempts: 1,
    logger: quiet,
    customUserAgent: options.application_name ?? 'polyshift',
    ...(address.endpoint === undefined ? {} : { endpoint: address.endpoint }),
    ...(address.region === undefined ? {} : { region: address.region }),
    ...(address.credentials === undefined ? {} : { credentials: address.credentials }),
    ...driver,
    requestHandler: isSettings(requestHandler) ? handlerSettings(agent, requestHandler, options) : requestHandler!,
  });
}

type HandlerSettings = { readonly httpAgent?: object; readonly httpsAgent?: object };

/** Whether a request handler is settings for the SDK's own, as those of a file are, and none that a program has made. */
function isSettings(handler: unknown): handler is HandlerSettings | undefined {
  return handler === undefined || (typeof handler === 'object' && handler !== null && !('handle' in handler));
}

function handlerSettings(agent: object, given: HandlerSettings | undefined, options: ConnectOptions) {
  return {
    connectionTimeout: options.connect_timeout_ms ?? 10_000,
    requestTimeout: requestTimeoutMs,
    ...given,
    httpAgent: { ...agent, ...given?.httpAgent },
    httpsAgent: { ...agent, ...given?.httpsAgent },
  };
}

function wrongUrl(what: string): PolyshiftError {
  return new PolyshiftError('CONNECTION_FAILED', `the URL of DynamoDB cannot be used: ${what}`);
}
