import { PolyshiftError } from '@polyshift/core';

/** What a URL of Redis says. */
export interface RedisUrl {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Number of the database, default 0; a cluster has no other. */
  readonly db: number;
  readonly tls: boolean;
  /** What every key begins with, polyshift's own included; not part of the names of collections. */
  readonly key_prefix: string;
}

const parameters = ['key_prefix'];

/**
 * Reads `redis://user:password@host:port/db?key_prefix=app:` (`rediss` for TLS).
 *
 * @throws PolyshiftError INVALID_DOCUMENT
 */
export function parseUrl(text: string): RedisUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'redis:' && url?.protocol !== 'rediss:') throw invalid('it does not begin with redis:// or rediss://');
  const path = url.pathname.replace(/^\//, '');
  if (!/^\d*$/.test(path)) throw invalid('the path is the number of a database');
  for (const name of url.searchParams.keys())
    if (!parameters.includes(name)) throw invalid(`there is no parameter ${name}; it takes ${parameters.join(', ')}`);
  return {
    host: decodeURIComponent(url.hostname.replace(/^\[(.*)\]$/, '$1')) || '127.0.0.1',
    port: url.port === '' ? 6379 : Number(url.port),
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    db: path === '' ? 0 : Number(path),
    tls: url.protocol === 'rediss:',
    key_prefix: url.searchParams.get('key_prefix') ?? '',
  };
}

function invalid(why: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `the URL of Redis cannot be used: ${why}`, {
    hint: 'Its form is redis://user:password@host:6379/0?key_prefix=app:',
  });
}
