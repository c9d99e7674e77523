/**
 * Sends a request to Elasticsearch. Plain HTTP is all the testkit needs of it.
 * @param url The server's URL; user and password in it are sent as basic authentication, parameters are left out.
 * @param path The path with its parameters, for example `/_cat/indices?format=json`.
 * @param options.accepted Statuses besides those of success that are no error, for example 404.
 * @returns The parsed answer.
 * @throws Error with status and answer.
 */
export async function requestElasticsearch<T>(
  url: string,
  method: 'GET' | 'DELETE',
  path: string,
  { accepted = [] }: { readonly accepted?: readonly number[] } = {},
): Promise<T> {
  const { protocol, host, pathname, username, password } = new URL(url);
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const response = await fetch(`${protocol}//${host}${pathname.replace(/\/$/, '')}${path}`, {
    method,
    headers: username === '' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
    signal: AbortSignal.timeout(60_000),
  });
  const body = await response.text();
  if (!response.ok && !accepted.includes(response.status)) {
    throw new Error(`${method} ${path} failed with HTTP ${response.status}: ${body.slice(0, 500)}`);
  }
  return JSON.parse(body) as T;
}
