import { PolyshiftError } from '../errors/polyshift-error.ts';
import { ownValue } from '../value/own-value.ts';
import type { SourceDocument } from './document.ts';

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every text of a document by environment variables; `$${` stands for a literal `${`.
 * Throws MISSING_ENVIRONMENT with the place. Field names of the document are left alone.
 */
export function expandEnvironment(document: SourceDocument, environment: NodeJS.ProcessEnv = process.env): unknown {
  const expandText = (text: string, path: PropertyKey[]): string =>
    text
      .split('$${')
      .map((part) =>
        part.replace(variable, (_all, name: string, fallback: string | undefined) => {
          const value = ownValue(environment, name);
          if (value !== undefined && value !== '') return value;
          if (fallback !== undefined) return fallback;
          const place = document.place(path);
          throw new PolyshiftError(
            'MISSING_ENVIRONMENT',
            `${place.file}${place.line ? `:${place.line}` : ''}: the environment variable ${name} is not set`,
            {
              place,
              hint: `Set ${name}, or write \${${name}:-default}.`,
            },
          );
        }),
      )
      .join('${');
  const expand = (value: unknown, path: PropertyKey[]): unknown => {
    if (typeof value === 'string') return value.includes('${') ? expandText(value, path) : value;
    if (Array.isArray(value)) return value.map((each, index) => expand(each, [...path, index]));
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, expand(each, [...path, key])]));
    }
    return value;
  };
  return expand(document.content, []);
}
