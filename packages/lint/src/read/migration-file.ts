import { basename } from 'node:path';
import type { Migration } from '@polyshift/core';
import {
  importModule,
  migrationOf,
  moduleDocument,
  type Operation,
  parseSourceDocument,
  type SourceDocument,
} from '@polyshift/core';
import { embeddedScript } from './embedded-script.ts';
import type { Place } from './place.ts';
import { placesOf } from './place.ts';
import type { Script } from './script.ts';

/** An operation of a migration file, with its place. */
export interface PlacedOperation {
  readonly operation: Operation;
  /** Where a path inside the operation stands. */
  place(path: readonly PropertyKey[]): Place;
  /** The statements of a `run_sql`. */
  readonly script: Script | undefined;
}

/** A migration file that was read. */
export interface MigrationFile {
  readonly migration: Migration;
  readonly operations: readonly PlacedOperation[];
}

/** Reads a migration in YAML, JSON, TypeScript or JavaScript. Throws INVALID_SYNTAX, INVALID_DOCUMENT and UNKNOWN_OPERATION with the line. */
export async function readMigrationFile(path: string, file: string, text: string): Promise<MigrationFile> {
  const module = /\.[mc]?[tj]s$/.test(path);
  const document = module ? moduleDocument(await importModule(path, file), file) : parseSourceDocument(text, file);
  const name = basename(path).replace(/\.[^.]+$/, '');
  const migration = migrationOf(document, /^\d+/.exec(name)?.[0] ?? '0', name.replace(/^\d+[_-]?/, ''));
  const seen = new Map<string, number>();
  const operations = migration.operations.map((operation, index): PlacedOperation => {
    const nth = seen.get(operation.type) ?? 0;
    seen.set(operation.type, nth + 1);
    const place = module
      ? () => placeInModule(text, operation, nth)
      : (inner: readonly PropertyKey[]) => placeInDocument(document, ['operations', index, ...inner]);
    const script = operation.type === 'run_sql' ? embeddedScript(text, operation, place(['data', 'up'])) : undefined;
    return { operation, place, script };
  });
  return { migration, operations };
}

function placeInDocument(document: SourceDocument, path: readonly PropertyKey[]): Place {
  const { line = 1, column = 1 } = document.place(path);
  return { line, column };
}

/** A module has no lines: the place is where its type is written for the nth time, as data or as a factory. */
function placeInModule(text: string, { type }: Operation, nth: number): Place {
  const factory = type.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  const pattern = new RegExp(`(['"\`])${type}\\1|\\b${factory}\\s*\\(`, 'g');
  const found = [...text.matchAll(pattern)][nth];
  return placesOf(text)(found?.index ?? 0);
}
