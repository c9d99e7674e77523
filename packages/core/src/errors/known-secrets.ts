import { oncePerProcess } from '../once-per-process.ts';

/** Options of drivers whose texts are secrets, by their names in any spelling: `password`, `secretAccessKey`, `tls.key`, `auth.apiKey`. */
const secretOption =
  /^(?:pass|pwd|key|pfx|auth|bearer|authorization)$|pass(?:word|wd|phrase)|secret|token|api_?key|private_?key|credential|access_?key/i;

/** The same for parameters of URLs. */
const secretParameter = /pass(?:word|wd|phrase)|^pwd$|secret|token|api[_-]?key|access[_-]?key/i;

/** Shorter texts are in too many words to be taken out of a text wherever they stand; in a URL they are masked all the same. */
const shortest = 6;

/** How each secret may be written: for all copies of this package, as a connection of one may fail in the words of another. */
const known = oncePerProcess('secrets 1', new Set<string>());
let pattern: { readonly of: number; readonly text: RegExp } | undefined;

/**
 * Remembers the secrets of a connection, so that no text which is masked from now on shows them: passwords and keys of its URL and of its
 * options, as they are, percent-encoded, escaped as in JSON, and in base64. `defineAdapter` does this for every connection.
 *
 * A password of fewer than 6 characters, or one that its URL has openly in another place (`postgres:postgres@`), is masked in URLs alone.
 */
export function keepSecrets(url: string, options?: unknown): void {
  const open = new Set<string>();
  const secrets = new Set<string>();
  const info = userInfo(url);
  if (info) {
    open.add(info.user);
    for (const each of [info.password, decoded(info.password)]) {
      secrets.add(each);
      secrets.add(base64(`${decoded(info.user)}:${each}`));
    }
    for (const part of info.parts) secrets.add(part);
  }
  const query = url.indexOf('?');
  if (query >= 0) {
    for (const part of url.slice(query + 1).split(/[&#]/)) {
      const [name = '', ...value] = part.split('=');
      if (!secretParameter.test(name)) continue;
      secrets.add(value.join('='));
      secrets.add(decoded(value.join('=')));
    }
  }
  for (const word of url.slice(url.lastIndexOf('@') + 1).split(/[/:,?#]/)) open.add(word);
  for (const each of secretOptions(options, false)) secrets.add(each);
  for (const secret of secrets) if (secret.length >= shortest && !open.has(secret)) addForms(secret);
}

/** A text without the secrets that {@link keepSecrets} has been told. */
export function maskKnownSecrets(text: string): string {
  if (known.size === 0) return text;
  if (pattern?.of !== known.size) {
    const longestFirst = [...known].sort((left, right) => right.length - left.length);
    pattern = { of: known.size, text: new RegExp(longestFirst.map(alone).join('|'), 'g') };
  }
  return text.replace(pattern.text, '***');
}

/**
 * User and password of a URL; `parts` is what a driver may take for host, path or parameters where the password has reserved characters
 * that nobody has percent-encoded.
 */
function userInfo(url: string): { user: string; password: string; parts: string[] } | undefined {
  const rest = url.slice(url.indexOf('://') + 3);
  const [beforeQuery = ''] = rest.split('?');
  const plain = beforeQuery.split('@').length === 2;
  const end = plain ? beforeQuery.indexOf('@') : rest.lastIndexOf('@');
  const colon = rest.indexOf(':');
  if (!url.includes('://') || end < 0 || colon < 0 || colon > end) return undefined;
  const password = rest.slice(colon + 1, end);
  return { user: rest.slice(0, colon), password, parts: plain ? [] : password.split(/[@/:?#&]/) };
}

function* secretOptions(value: unknown, secret: boolean): Iterable<string> {
  if (typeof value === 'string') {
    if (secret) yield value;
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      // User names beside a secret are none, and neither is a certificate, which its holder shows to everybody.
      const open = /^(?:user|username|accessKeyId|id|name|ca|cert|mechanism|source)$/i.test(key);
      yield* secretOptions(each, !open && (secret || secretOption.test(key)));
    }
  }
}

function addForms(secret: string): void {
  const forms = [secret, encodeURIComponent(secret), encodeURI(secret), JSON.stringify(secret).slice(1, -1), base64(secret)];
  if (URL.canParse(`http://u:${secret}@h`)) forms.push(new URL(`http://u:${secret}@h`).password);
  for (const form of forms) if (form.length >= shortest) known.add(form);
}

/** A secret that could be a word of a longer one (`secret` in `secretary`) counts only where it stands alone. */
function alone(secret: string): string {
  const literal = secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return /^(?:[a-z]+|\d+)$/i.test(secret) ? `(?<![A-Za-z0-9_])${literal}(?![A-Za-z0-9_])` : literal;
}

function base64(text: string): string {
  // Without the padding, so that it is found in both alphabets' usual forms.
  return Buffer.from(text).toString('base64').replace(/=+$/, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
