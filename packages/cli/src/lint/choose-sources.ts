import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { compareVersions, migrationFileName, nearest, PolyshiftError } from '@polyshift/core';
import { isLintable, type LintSource, type SourceOwner } from '@polyshift/lint';
import { defaultStoreName, storeName } from '../config/choose-store.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { migrationsFolder } from '../migrations/store-migrations.ts';

/** What the command line says about the files. */
export interface SourceRequest {
  readonly cwd: string;
  /** Files and folders; all folders of migrations of the configuration where empty. */
  readonly files: readonly string[];
  /** The configuration, where there is one. */
  readonly loaded: LoadedConfig | undefined;
  /** The value of `--store`. */
  readonly store: string | undefined;
  /** The value of `--dialect`. */
  readonly dialect: string | undefined;
}

/**
 * The files to read, in the order in which they run. Of a folder of migrations the earlier ones are read too, for what they did. Throws
 * FILE_NOT_FOUND, UNKNOWN_STORE, and USAGE where nothing says which store a file is for.
 */
export async function chooseSources(request: SourceRequest): Promise<LintSource[]> {
  const { cwd, loaded } = request;
  const wanted = request.store !== undefined && loaded ? storeName(loaded, request.store) : undefined;
  const folders = loaded && request.dialect === undefined ? migrationFolders(loaded) : new Map<string, FolderOwner>();
  const named = await namedFiles(request, [...folders.keys()]);
  const sources: LintSource[] = [];
  for (const [folder, owner] of folders) {
    const files = await filesOf(folder);
    const last = files.findLastIndex((path) => named.has(path));
    for (const path of files.slice(0, last + 1)) {
      const report = named.delete(path);
      const ownerOf = (name: string | undefined) => {
        const found = owner(name, relative(cwd, path));
        return wanted === undefined || found.history === wanted ? found : undefined;
      };
      sources.push({ path, file: relative(cwd, path), report, owner: ownerOf });
    }
  }
  for (const path of named) {
    const owner = looseOwner(request, wanted, path);
    sources.push({ path, file: relative(cwd, path), report: true, owner: () => owner });
  }
  return sources;
}

type FolderOwner = (name: string | undefined, file: string) => SourceOwner;

/** The folders of migrations with what tells the store of a file in them. */
function migrationFolders(loaded: LoadedConfig): Map<string, FolderOwner> {
  const folders = new Map<string, FolderOwner>();
  const names = Object.keys(loaded.config.stores);
  for (const store of names) {
    const own = loaded.config.stores[store]?.migrations !== undefined;
    const fallback = own ? store : defaultStoreName(loaded);
    folders.set(migrationsFolder(loaded, store), (name, file) => {
      const owner = name ?? fallback;
      const type = owner === undefined ? undefined : loaded.config.stores[owner]?.type;
      if (owner !== undefined && type !== undefined) return { store: type, history: owner };
      if (owner === undefined) throw unclear(file, 'Write `store: NAME` into it, or `default_store` into the configuration.');
      const near = nearest(owner, names);
      throw new PolyshiftError(
        'UNKNOWN_STORE',
        `${file} is for the store "${owner}", which ${loaded.document.file} does not have`,
        {
          place: { file, path: 'store' },
          hint: near ? `Did you mean "${near}"?` : `The stores are ${names.join(', ')}.`,
        },
      );
    });
  }
  return folders;
}

/** The store of a file that is in no folder of migrations. */
function looseOwner({ loaded, dialect, cwd }: SourceRequest, wanted: string | undefined, path: string): SourceOwner {
  const history = 'files';
  if (dialect !== undefined) return { store: dialect === 'mariadb' ? 'mysql' : dialect, history };
  if (path.endsWith('.cql')) return { store: 'cassandra', history };
  const name = wanted ?? (loaded && defaultStoreName(loaded));
  const type = name === undefined ? undefined : loaded?.config.stores[name]?.type;
  if (type !== undefined) return { store: type, history };
  throw unclear(relative(cwd, path), 'Name its language by --dialect, or its store by --store.');
}

function unclear(file: string, hint: string): PolyshiftError {
  return new PolyshiftError('USAGE', `nothing says which store ${file} is for`, { place: { file }, hint });
}

/** The full paths of the files that are to be reported. */
async function namedFiles({ cwd, files, loaded }: SourceRequest, folders: readonly string[]): Promise<Set<string>> {
  if (files.length === 0 && !loaded) {
    throw new PolyshiftError('USAGE', `there is neither a configuration in ${cwd} nor a file to read`, {
      hint: 'Name files or folders: polyshift lint --dialect postgresql migrations/*.sql',
    });
  }
  const paths = files.length === 0 ? folders : files.map((file) => resolve(cwd, file));
  const named = new Set<string>();
  for (const path of paths) {
    const found = await stat(path).catch((cause: Error) => {
      const file = relative(cwd, path);
      throw new PolyshiftError('FILE_NOT_FOUND', `cannot read ${file}: ${cause.message}`, { place: { file }, cause });
    });
    for (const each of found.isDirectory() ? await filesOf(path) : [path]) named.add(each);
  }
  // `migrations/*.sql` names the down scripts too, which only take back what their up scripts do.
  for (const path of named) {
    if (path.endsWith('.down.sql') && named.has(path.replace(/\.down\.sql$/, '.up.sql'))) named.delete(path);
  }
  return named;
}

/** The files of a folder that lint can read, in the order in which they run. */
async function filesOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter(isLintable).sort();
  const version = (name: string) => migrationFileName(name)?.version;
  names.sort((left, right) => {
    const [first, second] = [version(left), version(right)];
    return first !== undefined && second !== undefined ? compareVersions(first, second) : 0;
  });
  return names.map((name) => join(folder, name));
}
