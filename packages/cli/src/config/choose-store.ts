import { checkDocument, expandEnvironment, nearest, PolyshiftError, type SourceDocument } from '@polyshift/core';
import { type StoreConfig, storeKeys, storeSchema } from './config-schema.ts';
import type { LoadedConfig } from './load-config.ts';

/** A store of the configuration, ready to connect to. */
export interface ChosenStore {
  /** Its name under `stores`. */
  readonly name: string;
  /** Its entry, with the environment filled in. */
  readonly store: StoreConfig;
  /** What the adapter is given: everything but the keys that polyshift reads itself. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The entry as a document, for places in errors. */
  readonly document: SourceDocument;
}

/** The options of a connection that polyshift hands on although it knows them. */
const handedOn = ['connect_timeout_ms', 'application_name', 'driver'];

/** The name of the store that a command works on. Throws UNKNOWN_STORE, or USAGE where the choice is not clear. */
export function storeName(loaded: LoadedConfig, wanted: string | undefined): string {
  const names = Object.keys(loaded.config.stores);
  if (wanted !== undefined) {
    if (Object.hasOwn(loaded.config.stores, wanted)) return wanted;
    const near = nearest(wanted, names);
    throw new PolyshiftError('UNKNOWN_STORE', `${loaded.document.file} has no store "${wanted}"`, {
      place: loaded.document.place(['stores']),
      hint: near ? `Did you mean "${near}"?` : `The stores are ${names.join(', ')}.`,
    });
  }
  const name = defaultStoreName(loaded);
  if (name !== undefined) return name;
  throw new PolyshiftError('USAGE', `${loaded.document.file} has several stores and no default_store`, {
    hint: `Name one by --store: ${names.join(', ')}.`,
  });
}

/** The store that migrations without a `store` belong to: `default_store`, or the only one. */
export function defaultStoreName({ config }: LoadedConfig): string | undefined {
  const names = Object.keys(config.stores);
  return config.default_store ?? (names.length === 1 ? names[0] : undefined);
}

/** Fills the environment into one store's entry. Throws MISSING_ENVIRONMENT with the place, and UNKNOWN_STORE. */
export function chooseStore(loaded: LoadedConfig, wanted: string | undefined): ChosenStore {
  const name = storeName(loaded, wanted);
  const entry: SourceDocument = {
    file: loaded.document.file,
    content: loaded.config.stores[name],
    place: (path) => loaded.document.place(['stores', name, ...path]),
  };
  const store = checkDocument(storeSchema, entry, expandEnvironment(entry, loaded.environment));
  const options = Object.fromEntries(Object.entries(store).filter(([key]) => handedOn.includes(key) || !storeKeys.includes(key)));
  return { name, store, options, document: entry };
}
