import type { ServerInfo } from '@polyshift/core';
import type { Client, types } from 'cassandra-driver';
import type { Table } from './catalog/table.ts';

/** What every part of a session works with: the connection, its keyspace, and the tables that it has described. */
export interface Store {
  readonly client: Client;
  readonly keyspace: string;
  readonly server: ServerInfo;
  readonly levels: { readonly data: types.consistencies; readonly serial: types.consistencies };
  /** Bytes of the values of a row that the server takes, at most. */
  readonly rowBytes: number;
  /** Tables as they were described last, for codecs that do no I/O; see `openTable`. */
  readonly tables: Map<string, Table>;
}

/** Names of polyshift's own tables start with this. */
const ownPrefix = 'polyshift_';

/** History, steps, runs, checkpoints, locks and validation schemas, in one partition of one table: so a lock can fence the rest. */
export const journalTable = 'schema_migrations';

/** Before-images and the like, of all steps. */
export const asideTable = 'polyshift_aside';

/** Whether a table is polyshift's own: schemas never show those. */
export function isOwnTable(name: string): boolean {
  return name === journalTable || name.startsWith(ownPrefix);
}
