import { maskKnownSecrets } from './known-secrets.ts';

// Greedy up to the last @ before white space, a quote or a further URL: a password that nobody has percent-encoded may hold / : @ and ?.
const userInfo = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/@:?#"'`<>]*)(?::((?:(?!:\/\/)[^\s"'`<>])*))?@/gi;
const parameters =
  /([?&;\s](?:password|passwd|pwd|passphrase|secret|(?:session_?)?token|api[_-]?key|access[_-]?key(?:[_-]?id)?|sslpassword|tlsCertificateKeyFilePassword)=)[^&\s;'"]+/gi;

/**
 * Takes passwords out of a text: those in URLs and connection strings (`mongodb://app:***@host`), and wherever they stand the secrets of
 * every store that this process connects to (see `keepSecrets`).
 */
export function maskSecrets(text: string): string {
  return maskKnownSecrets(text)
    .replace(userInfo, (_all, scheme: string, user: string, password?: string) =>
      password === undefined ? `${scheme}${user}@` : `${scheme}${user}:***@`,
    )
    .replace(parameters, '$1***');
}

/** A value with the secrets masked in all texts in it, those of lists and plain objects included; keys are left alone. */
export function maskValue(value: unknown): unknown {
  if (typeof value === 'string') return maskSecrets(value);
  if (Array.isArray(value)) return value.map(maskValue);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskValue(each)]));
  return value;
}
