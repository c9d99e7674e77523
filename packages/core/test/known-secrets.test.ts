import { describe, expect, it } from 'vitest';
import { keepSecrets } from '../src/errors/known-secrets.ts';
import { maskSecrets, maskValue } from '../src/errors/mask.ts';

/** Each secret is another one: a process never forgets one, so that a test would see what an earlier one has kept. */
let count = 0;
const fresh = () => `Zq9x"é${++count}&w/Xk`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

interface Place {
  readonly where: string;
  readonly url: (secret: string) => string;
  readonly options?: (secret: string) => object;
}

const places: Place[] = [
  { where: 'the URL, percent-encoded', url: (secret) => `mysql://app:${encodeURIComponent(secret)}@db/app` },
  { where: 'the URL, as it is', url: (secret) => `mysql://app:${secret}@db/app` },
  { where: 'a parameter of the URL', url: (secret) => `dynamodb://db?session_token=${encodeURIComponent(secret)}` },
  { where: 'an option', url: () => 'mysql://db', options: (password) => ({ password }) },
  { where: 'an option inside of another', url: () => 'mysql://db', options: (key) => ({ tls: { key } }) },
  {
    where: 'whatever stands under a secret option',
    url: () => 'mysql://db',
    options: (value) => ({ auth: { any: [{ value }] } }),
  },
];

describe.each(places)('a secret in $where', ({ url, options }) => {
  it.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['percent-encoded', encodeURIComponent],
    ['percent-encoded but for the signs of URLs', encodeURI],
    ['as in JSON', (secret) => JSON.stringify(secret)],
    ['in base64', base64],
  ])('is masked %s', (_form, form) => {
    const secret = fresh();
    keepSecrets(url(secret), options?.(secret));
    const shown = form(secret);
    for (const text of [`a ${shown} b`, `[${shown}]`])
      expect(maskSecrets(text)).not.toContain(shown.replaceAll('"', '').slice(2, 9));
    expect(maskValue({ a: [{ b: shown }], c: 1 })).toEqual({ a: [{ b: expect.stringContaining('***') }], c: 1 });
  });
});

it('user and password together are masked as a header has them', () => {
  const secret = fresh();
  keepSecrets(`http://app:${encodeURIComponent(secret)}@db`);
  expect(maskSecrets(`Basic ${base64(`app:${secret}`)}`)).toMatch(/^Basic \*\*\*=*$/);
});

it('what a driver takes for the host of a password that nobody has percent-encoded is masked', () => {
  keepSecrets('mysql://app:p@Firstpart7/Secondpart8:9@db/app');
  expect(maskSecrets('getaddrinfo ENOTFOUND Firstpart7, no database Secondpart8')).toBe(
    'getaddrinfo ENOTFOUND ***, no database ***',
  );
});

it.each([
  ['mysql://app:hidden@db/x', 'mysql://app:***@db/x'],
  ['mysql://app:a@b:c/d@db/x', 'mysql://app:***@db/x'],
  ['mongodb://app@db/x', 'mongodb://app@db/x'],
  ['cannot open redis://:hidden@db, nor http://u:hidden@e', 'cannot open redis://:***@db, nor http://u:***@e'],
  ['x://db?a=1&password=hidden&b=2', 'x://db?a=1&password=***&b=2'],
  ['host=db password=hidden user=app', 'host=db password=*** user=app'],
])('%j is shown as %j, whoever it belongs to', (text, shown) => {
  expect(maskSecrets(text)).toBe(shown);
});

it.each([
  ['a user name', 'postgres://visible_user:visible_user@db', undefined, 'visible_user'],
  ['a certificate', 'x://db', { tls: { cert: 'visible certificate' } }, 'visible certificate'],
  ['a short password', 'x://u:abcde@db', undefined, 'abcde'],
  ['an option that is no secret', 'x://db', { region: 'eu-visible-1' }, 'eu-visible-1'],
])('%s is not', (_what, url, options, text) => {
  keepSecrets(url, options);
  expect(maskSecrets(`a ${text} b`)).toBe(`a ${text} b`);
});

it('a password that could be part of a word is masked where it stands alone', () => {
  keepSecrets('x://u:planetary@db');
  expect(maskSecrets('planetary interplanetary planetary_x')).toBe('*** interplanetary planetary_x');
});
