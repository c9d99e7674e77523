/**
 * Puts a database's name into a connection URL. Works on the text, because URLs with several hosts are no URLs to `new URL`.
 * MongoDB looks for the user in the URL's database unless told otherwise: that stays as it was.
 */
export function withDatabase(url: string, name: string): string {
  const { head, path, parameters } = partsOf(url);
  if (head.startsWith('mongodb') && head.includes('@') && !parameters.some((parameter) => parameter.startsWith('authSource='))) {
    parameters.push(`authSource=${path || 'admin'}`);
  }
  return joined(head, `/${encodeURIComponent(name)}`, parameters);
}

/** Sets a parameter of a connection URL, for stores that have no databases. */
export function withParameter(url: string, name: string, value: string): string {
  const { head, path, parameters } = partsOf(url);
  const others = parameters.filter((parameter) => parameter.split('=')[0] !== name);
  return joined(head, path === undefined ? '' : `/${path}`, [...others, `${name}=${encodeURIComponent(value)}`]);
}

function partsOf(url: string): { head: string; path: string | undefined; parameters: string[] } {
  const parts = /^([a-z+]+:\/\/[^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url);
  // The URL is left out of the message: it may hold a password.
  if (parts === null) throw new Error('not a connection URL with a scheme and a host');
  const [, head = '', path, query = ''] = parts;
  return { head, path, parameters: query === '' ? [] : query.split('&') };
}

function joined(head: string, path: string, parameters: readonly string[]): string {
  return `${head}${path}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
}
