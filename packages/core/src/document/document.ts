import { readFile } from 'node:fs/promises';
import { extname, relative } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { ErrorPlace } from '../errors/polyshift-error.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import { sharedModules } from './shared-modules.ts';

/** A document that a user wrote, with the way from a path inside it to a line of its file. */
export interface SourceDocument {
  /** The file as errors name it: relative to the working folder. */
  readonly file: string;
  /** The parsed content, not yet checked. */
  readonly content: unknown;
  /** Where a path inside the content stands in the file; the nearest parent where the path itself is missing. */
  place(path: readonly PropertyKey[]): ErrorPlace;
}

/** A path as people write it: `operations[2].data.field_name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** How many times the values behind aliases are put in, at most: a few lines of aliases of aliases would fill the memory. */
const aliasLimit = 100;

/**
 * Parses YAML or JSON (which is YAML). No tag runs code: those that YAML itself does not know are refused. Throws INVALID_SYNTAX with line and
 * column.
 */
export function parseSourceDocument(text: string, file: string): SourceDocument {
  const lines = new LineCounter();
  const parsed = parsedYaml(text, file, lines);
  const error = parsed.errors[0] ?? parsed.warnings.find(({ code }) => code === 'TAG_RESOLVE_FAILED');
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new PolyshiftError('INVALID_SYNTAX', `${file}:${line}:${col}: ${error.message}`, {
      place: { file, line, column: col },
      hint: 'Correct the YAML at that place; indentation is by spaces, and text that starts with { [ * & ! % @ needs quotes.',
    });
  }
  return {
    file,
    content: contentOf(parsed, file),
    place(path) {
      for (let length = path.length; length >= 0; length--) {
        const node = parsed.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) {
          const { line, col } = lines.linePos(node.range[0]);
          return { file, line, column: col, path: pathText(path) };
        }
      }
      return { file, path: pathText(path) };
    },
  };
}

function parsedYaml(text: string, file: string, lines: LineCounter): Document.Parsed {
  try {
    return parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, uniqueKeys: true });
  } catch (cause) {
    // Brackets within brackets until the parser has no stack left.
    throw tooMuch(file, cause);
  }
}

function contentOf(parsed: Document.Parsed, file: string): unknown {
  try {
    return parsed.toJS({ maxAliasCount: aliasLimit });
  } catch (cause) {
    throw tooMuch(file, cause);
  }
}

function tooMuch(file: string, cause: unknown): PolyshiftError {
  return new PolyshiftError('INVALID_SYNTAX', `${file}: ${(cause as Error).message}`, {
    place: { file },
    hint: 'Nest the document less deeply, and write out what its aliases stand for.',
    cause,
  });
}

/** A document without lines: what a TypeScript module exports. */
export function moduleDocument(content: unknown, file: string): SourceDocument {
  return { file, content, place: (path) => ({ file, path: pathText(path) }) };
}

/** Reads a `.yaml`, `.yml`, `.json`, `.ts` or `.js` file; a module's default export is its content, and is called if it is a function. */
export async function readSourceDocument(path: string, cwd = process.cwd()): Promise<SourceDocument> {
  const file = relative(cwd, path) || path;
  switch (extname(path)) {
    case '.yaml':
    case '.yml':
    case '.json':
      return parseSourceDocument(await readText(path, file), file);
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      await readText(path, file);
      return moduleDocument(await importModule(path, file), file);
    default:
      throw new PolyshiftError('INVALID_DOCUMENT', `${file} is not a .yaml, .json, .ts or .js file`, { place: { file } });
  }
}

/** The text of a file. Throws FILE_NOT_FOUND. */
export async function readText(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new PolyshiftError('FILE_NOT_FOUND', `cannot read ${file}: ${(cause as Error).message}`, { place: { file }, cause });
  }
}

/** The default export of a TypeScript or JavaScript module, loaded by jiti so that no build step is needed. */
export async function importModule(path: string, file: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  let exported: unknown;
  try {
    const virtualModules = await sharedModules();
    const jiti = createJiti(import.meta.url, { interopDefault: true, moduleCache: true, virtualModules });
    exported = await jiti.import(path, { default: true });
  } catch (cause) {
    const error = cause as Error;
    throw new PolyshiftError('INVALID_SYNTAX', `cannot load ${file}: ${error.message}`, { place: { file }, cause });
  }
  return typeof exported === 'function' ? await (exported as () => unknown)() : exported;
}
