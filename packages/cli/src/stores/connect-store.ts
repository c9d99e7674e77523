import {
  type ConnectOptions,
  type ErrorPlace,
  isPolyshiftError,
  keepSecrets,
  maskSecrets,
  PolyshiftError,
  type StoreSession,
} from '@polyshift/core';
import { loadAdapter } from './load-adapter.ts';

/** A store to connect to. */
export interface StoreAddress {
  readonly type: string;
  readonly url: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The folder of the project. */
  readonly folder: string;
  /** See `ConnectOptions.read_only`. */
  readonly read_only?: boolean;
  /** Where a key of the store stands, for errors. */
  place(key: 'type' | 'url'): ErrorPlace | undefined;
}

/** Connects to a store by its adapter. Throws UNKNOWN_STORE, INVALID_DOCUMENT where the URL is one of another store, and what the adapter throws. */
export async function connectStore(address: StoreAddress): Promise<StoreSession> {
  const { type, url, options, folder } = address;
  // Before anything can be said about them.
  keepSecrets(url, options);
  const adapter = await loadAdapter({ type, folder, place: address.place('type') });
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined || !adapter.url_schemes.includes(scheme)) {
    const place = address.place('url');
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `the URL of a store of type ${type} begins with ${adapter.url_schemes.map((each) => `${each}://`).join(' or ')}, not with ${scheme === undefined ? `"${shownStart(url)}"` : `${scheme}://`}`,
      { ...(place ? { place } : {}), hint: 'Correct the URL, or the type.' },
    );
  }
  try {
    return await adapter.connect(url, { ...options, ...(address.read_only ? { read_only: true } : {}) } as ConnectOptions);
  } catch (error) {
    if (isPolyshiftError(error)) throw error;
    // An adapter that lets a driver's error through still says what it means.
    const { code, retryable } = adapter.classify(error);
    throw new PolyshiftError(code, maskSecrets(error instanceof Error ? error.message : String(error)), {
      cause: error,
      retryable,
    });
  }
}

/** A text that is no URL may hold a password all the same: only its beginning is shown. */
function shownStart(url: string): string {
  return url.length > 4 ? `${url.slice(0, 4)}...` : url;
}
