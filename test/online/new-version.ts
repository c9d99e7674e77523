import type { MatrixStore } from '../matrix/stores.ts';

/** What `status --json` gives under `new_version`. */
export interface NewVersion {
  readonly version: string;
  readonly reads: 'old' | 'new';
  readonly writes: 'old' | 'new';
  /** PostgreSQL. */
  readonly search_path?: string;
  /** MySQL and MariaDB. */
  readonly database?: string;
  /** Tables or collections by the name of their old version, where the new one has another. */
  readonly tables?: Readonly<Record<string, string>>;
  readonly collections?: Readonly<Record<string, string>>;
}

/** Where an application of the new version finds a table: as the page of the store says what to do with `new_version`. */
export function addressOf(
  store: MatrixStore['server'],
  url: string,
  table: string,
  settings: NewVersion,
): { readonly url: string; readonly table: string } {
  const address = new URL(url);
  if (settings.search_path !== undefined)
    address.searchParams.set('options', `-c search_path=${settings.search_path.replaceAll(' ', '')}`);
  if (settings.database !== undefined) address.pathname = `/${encodeURIComponent(settings.database)}`;
  const name = (settings.tables ?? settings.collections)?.[table] ?? table;
  if (address.href === new URL(url).href && name === table)
    throw new Error(`${store}: new_version says nothing that leads elsewhere: ${JSON.stringify(settings)}`);
  return { url: address.href, table: name };
}
