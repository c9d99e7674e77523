const userInfo = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/@:]*)(?::([^\s@/]*))?@/gi;
const parameters = /([?&;\s](?:password|pwd|secret|token|api[_-]?key|access[_-]?key(?:id)?|sslpassword)=)[^&\s;'"]+/gi;

/** Takes passwords out of URLs and connection strings in a text: `mongodb://app:***@host`. */
export function maskSecrets(text: string): string {
  return text
    .replace(userInfo, (_all, scheme: string, user: string, password?: string) =>
      password === undefined ? `${scheme}${user}@` : `${scheme}${user}:***@`,
    )
    .replace(parameters, '$1***');
}
