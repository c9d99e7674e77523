import type { Client } from '@elastic/elasticsearch';
import type { ServerInfo } from '@polyshift/core';
import type { MappingCache } from './mapping/mapping-cache.ts';

/** What every part of a session works with. */
export interface Store {
  readonly client: Client;
  /** Stands before the name of every index, alias and template; empty where the URL has none. */
  readonly prefix: string;
  readonly server: ServerInfo;
  /** Mappings of collections, for what must know them without I/O. */
  readonly mappings: MappingCache;
}
