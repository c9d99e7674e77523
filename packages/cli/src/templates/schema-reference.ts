import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/**
 * The path from a file to a JSON Schema inside a package, for the `$schema` of editors: found in a `node_modules` above the file, else where it
 * would be once the package is installed in the project.
 *
 * @param file the file that will refer to it
 * @param project the folder of the project
 * @param schema like `@polyshift/core/schemas/migration.schema.json`
 */
export function schemaReference(file: string, project: string, schema: string): string {
  const from = dirname(resolve(file));
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', schema);
    if (existsSync(candidate)) return posixRelative(from, candidate);
    if (dirname(folder) === folder) return posixRelative(from, join(project, 'node_modules', schema));
  }
}

function posixRelative(from: string, to: string): string {
  const path = relative(from, to).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}
