import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { checkDocument } from '../document/check-document.ts';
import { readSourceDocument, readText, type SourceDocument } from '../document/document.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { Operation } from '../operation/registry.ts';
import { migrationChecksum } from './checksum.ts';
import type { Migration } from './migration.ts';
import { migrationChecksSchema } from './migration-checks.ts';
import { parseOperation } from './parse-operation.ts';
import { compareVersions } from './version.ts';

/** The head of a migration document; its operations are checked one by one, for better errors. */
const migrationSchema = z.strictObject({
  description: z.string().optional(),
  store: z.string().min(1).optional(),
  online: z.boolean().optional(),
  operations: z.array(z.unknown()).min(1),
  down: z.array(z.unknown()).min(1).optional(),
  checks: migrationChecksSchema.optional(),
});

const fileName = /^(\d+)[_-](.+?)\.(up\.sql|down\.sql|yaml|yml|json|ts|mts|js|mjs)$/;

/** First line of an up file that runs its statements one by one, outside a transaction. */
const noTransaction = /^\s*--\s*polyshift:\s*no[-_]transaction\s*$/im;

/**
 * Reads all migrations of a folder: `NNN_name.yaml`, `.json`, `.ts`, `.js`, and pairs of `NNN_name.up.sql` and `NNN_name.down.sql`, in the order of
 * their versions. Files that begin with anything but digits are left alone. Throws FILE_NOT_FOUND, INVALID_SYNTAX, INVALID_DOCUMENT,
 * UNKNOWN_OPERATION, and OUT_OF_ORDER where two files share a version.
 */
export async function loadMigrations(folder: string, cwd = process.cwd()): Promise<Migration[]> {
  const shown = relative(cwd, folder) || '.';
  let names: string[];
  try {
    names = (await readdir(folder)).sort();
  } catch (cause) {
    throw new PolyshiftError('FILE_NOT_FOUND', `cannot read the folder of migrations ${shown}: ${(cause as Error).message}`, {
      cause,
      hint: 'Correct `migrations` in the configuration, or run `polyshift new NAME` to write the first one.',
    });
  }
  const migrations: Migration[] = [];
  for (const name of names) {
    const match = fileName.exec(name);
    if (!match) {
      if (/^\d/.test(name) && !name.endsWith('.d.ts')) throw badName(join(shown, name));
      continue;
    }
    const [, version, title, extension] = match as unknown as [string, string, string, string];
    if (extension === 'down.sql') {
      if (!names.includes(name.replace(/\.down\.sql$/, '.up.sql'))) {
        throw new PolyshiftError(
          'FILE_NOT_FOUND',
          `${join(shown, name)} has no ${name.replace(/\.down\.sql$/, '.up.sql')} beside it`,
          { place: { file: join(shown, name) } },
        );
      }
      continue;
    }
    const path = join(folder, name);
    migrations.push(
      extension === 'up.sql'
        ? await loadSqlPair(path, names, version, title, cwd)
        : await loadDocument(path, version, title, cwd),
    );
  }
  migrations.sort((left, right) => compareVersions(left.version, right.version));
  for (const [index, migration] of migrations.entries()) {
    const before = migrations[index - 1];
    if (before && compareVersions(before.version, migration.version) === 0) {
      throw new PolyshiftError(
        'OUT_OF_ORDER',
        `${before.file} and ${migration.file} have the same version ${migration.version}`,
        {
          place: { file: migration.file },
          hint: 'Rename the newer one to a version after all others.',
        },
      );
    }
  }
  return migrations;
}

function badName(file: string): PolyshiftError {
  return new PolyshiftError(
    'INVALID_DOCUMENT',
    `${file} begins like a migration but is not named NNN_name.yaml, .json, .ts, .js or .up.sql`,
    {
      place: { file },
      hint: 'Rename it, or move it out of the folder of migrations.',
    },
  );
}

async function loadDocument(path: string, version: string, name: string, cwd: string): Promise<Migration> {
  return migrationOf(await readSourceDocument(path, cwd), version, name);
}

/** Whether the statements of an up file run in one transaction: all do that have no `-- polyshift: no-transaction`. */
export function runsInTransaction(up: string): boolean {
  return !noTransaction.test(up);
}

/** What the name of a migration file says; undefined for any other file. */
export function migrationFileName(name: string): { version: string; name: string; extension: string } | undefined {
  const match = fileName.exec(name);
  if (!match) return undefined;
  const [, version, title, extension] = match as unknown as [string, string, string, string];
  return { version, name: title, extension };
}

/** Checks a document as a migration. Throws INVALID_DOCUMENT and UNKNOWN_OPERATION with the line. */
export function migrationOf(document: SourceDocument, version: string, name: string): Migration {
  const head = checkDocument(migrationSchema, document);
  const parse = (list: unknown[], key: string): Operation[] =>
    list.map((content, index) => parseOperation(document, content, [key, index]));
  const operations = parse(head.operations, 'operations');
  const down = head.down && parse(head.down, 'down');
  return {
    version,
    name,
    description: head.description,
    store: head.store,
    online: head.online,
    operations,
    down,
    checks: head.checks,
    checksum: migrationChecksum({ operations, ...(down ? { down } : {}) }),
    file: document.file,
  };
}

async function loadSqlPair(
  path: string,
  names: readonly string[],
  version: string,
  name: string,
  cwd: string,
): Promise<Migration> {
  const file = relative(cwd, path);
  const up = (await readText(path, file)).replaceAll('\r\n', '\n');
  const downPath = path.replace(/\.up\.sql$/, '.down.sql');
  const hasDown = names.includes(`${version}_${name}.down.sql`) || names.includes(`${version}-${name}.down.sql`);
  const down = hasDown ? (await readText(downPath, relative(cwd, downPath))).replaceAll('\r\n', '\n') : undefined;
  if (up.trim() === '') throw new PolyshiftError('INVALID_DOCUMENT', `${file} is empty`, { place: { file, line: 1 } });
  const operation: Operation<'run_sql'> = {
    type: 'run_sql',
    collection: '*',
    batch_size: 1000,
    data: { up, ...(down?.trim() ? { down } : {}), transaction: runsInTransaction(up) },
  };
  return { version, name, operations: [operation], checksum: migrationChecksum({ operations: [operation] }), file };
}
