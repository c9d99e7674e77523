import { PolyshiftError } from '@polyshift/core';

/** What a URL names. */
export interface Address {
  /** Without user, password and parameters. */
  readonly node: string;
  readonly auth?: { readonly username: string; readonly password: string } | { readonly apiKey: string };
  readonly prefix: string;
}

const protocols: Readonly<Record<string, string>> = {
  'elasticsearch:': 'http:',
  'elasticsearch+https:': 'https:',
  'http:': 'http:',
  'https:': 'https:',
};

const parameters = new Set(['index_prefix', 'api_key']);

/** Takes a URL apart. Throws INVALID_DOCUMENT. */
export function parseUrl(url: string): Address {
  // Only with a scheme that is known to the web a URL is taken apart by the same rules everywhere.
  const scheme = /^[a-z+]+:/.exec(url)?.[0] ?? '';
  const protocol = protocols[scheme];
  if (!protocol) throw new PolyshiftError('INVALID_DOCUMENT', `${scheme || 'the URL'} is no scheme of Elasticsearch`);
  const parsed = new URL(protocol + url.slice(scheme.length));
  for (const name of parsed.searchParams.keys()) {
    if (parameters.has(name)) continue;
    throw new PolyshiftError('INVALID_DOCUMENT', `the URL has the parameter ${name}, which the adapter does not know`, {
      hint: `Parameters are ${[...parameters].join(' and ')}; options of the client go under \`driver\`.`,
    });
  }
  const prefix = parsed.searchParams.get('index_prefix') ?? '';
  if (prefix !== prefix.toLowerCase() || /[\\/*?"<>| ,#:]/.test(prefix) || /^[-_+.]/.test(prefix)) {
    throw new PolyshiftError('INVALID_DOCUMENT', `index_prefix ${JSON.stringify(prefix)} cannot stand before names of indices`, {
      hint: 'Use lower-case letters, digits, hyphens and underscores; it starts with a letter or a digit.',
    });
  }
  const apiKey = parsed.searchParams.get('api_key');
  const username = decodeURIComponent(parsed.username);
  const auth = apiKey ? { apiKey } : username ? { username, password: decodeURIComponent(parsed.password) } : undefined;
  const path = parsed.pathname.replace(/\/$/, '');
  return { node: `${parsed.protocol}//${parsed.host}${path}`, prefix, ...(auth ? { auth } : {}) };
}
