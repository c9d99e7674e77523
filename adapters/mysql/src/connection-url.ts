import { readFileSync } from 'node:fs';
import type { ConnectOptions } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import type { ConnectionOptions } from 'mysql2/promise';

/**
 * Options of the driver for a URL like `mysql://user:password@host:3306/database?ssl-mode=required`. Throws CONNECTION_FAILED for a URL that
 * cannot be read or names no database.
 */
export function driverOptions(text: string, options: ConnectOptions = {}): ConnectionOptions {
  const url = parse(text);
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '') throw refused('names no database', 'Write it behind the host: mysql://host:3306/database.');
  const { host, ...further } = parameters(url.searchParams);
  return {
    host: host ?? (decodeURIComponent(url.hostname.replace(/^\[|\]$/g, '')) || '127.0.0.1'),
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
    connectTimeout: options.connect_timeout_ms ?? 10_000,
    connectAttributes: { program_name: options.application_name ?? 'polyshift' },
    // Values keep their digits: what a number of JavaScript cannot hold comes as text, and nothing becomes a Date.
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    charset: 'utf8mb4',
    ...further,
    ...options.driver,
    ...checkedTls(further.ssl, options.driver?.['ssl']),
  } as ConnectionOptions;
}

/** The options of TLS of URL and driver together. The driver alone would take the certificate of any host that an authority has signed. */
function checkedTls(ofUrl: ConnectionOptions['ssl'], given: unknown): ConnectionOptions {
  if (typeof given !== 'object' || given === null) return {};
  const ssl = { ...(ofUrl as object | undefined), ...given } as { rejectUnauthorized?: boolean; verifyIdentity?: boolean };
  return { ssl: { ...ssl, verifyIdentity: ssl.verifyIdentity ?? ssl.rejectUnauthorized !== false } };
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    // The error of the parser would show the URL, with its password.
    throw refused('cannot be read', 'Percent-encode special characters of user and password.');
  }
}

function parameters(search: URLSearchParams): ConnectionOptions {
  const result: ConnectionOptions = {};
  let mode: string | undefined;
  let authority: string | undefined;
  for (const [name, value] of search) {
    switch (name) {
      case 'ssl-mode':
      case 'sslmode':
        mode = value.toLowerCase().replaceAll('-', '_');
        break;
      case 'ssl-ca':
        authority = value;
        break;
      case 'socket':
        result.socketPath = value;
        break;
      default:
        throw refused(`has the parameter ${name}, which is not known`, 'Known are ssl-mode, ssl-ca and socket.');
    }
  }
  if (mode === undefined && authority === undefined) return result;
  const modes = ['disabled', 'required', 'verify_ca', 'verify_identity'];
  if (mode !== undefined && !modes.includes(mode)) throw refused(`has the ssl-mode ${mode}`, `Known are ${modes.join(', ')}.`);
  if (mode === 'disabled') return result;
  const verified = mode !== 'required';
  return {
    ...result,
    ssl: {
      rejectUnauthorized: verified,
      verifyIdentity: verified && mode !== 'verify_ca',
      ...(authority === undefined ? {} : { ca: readFileSync(authority, 'utf8') }),
    },
  };
}

function refused(what: string, hint: string): PolyshiftError {
  return new PolyshiftError('CONNECTION_FAILED', `The URL of MySQL ${what}.`, { hint });
}
