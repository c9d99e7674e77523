import { PolyshiftError, type ServerInfo } from '@polyshift/core';
import type { Send } from './requests.ts';
import type { KeySchema } from './tables/definition.ts';

/** What the server can do, by trying. */
export interface Features extends Readonly<Record<string, boolean>> {
  /** Transactions over items of several tables. */
  readonly transactions: boolean;
  /** Continuous backups that can be switched on; DynamoDB Local has none. */
  readonly point_in_time_recovery: boolean;
  /** Table classes; found out together with the backups, because DynamoDB Local forgets the class without a word. */
  readonly table_classes: boolean;
}

/** What every part of a session works with. */
export interface Store {
  readonly send: Send;
  /** Ends the connection: nothing is sent from then on. Idempotent. */
  close(): void;
  /** Stands before every table name. */
  readonly prefix: string;
  readonly features: Features;
  readonly server: ServerInfo;
  /** The keys of tables as they were described last, by collection. */
  readonly keys: Map<string, KeySchema>;
}

/** The history has the name that the requirement fixes. */
export const historyName = 'schema_migrations';

/** Steps, runs, checkpoints, locks and validation schemas. */
export const journalName = 'polyshift_journal';

/** Whether a collection is polyshift's own: schemas never show those. */
export function isOwnCollection(name: string): boolean {
  return name === historyName || name.startsWith('polyshift_');
}

/** Whether the service takes a text as the name of a table; a name in an operation may be any text. */
export function isTableName(store: Store, collection: string): boolean {
  return /^[a-zA-Z0-9_.-]{3,255}$/.test(store.prefix + collection);
}

/** The table of a collection. Throws INVALID_DOCUMENT for a name that no table can have. */
export function tableName(store: Store, collection: string): string {
  if (isTableName(store, collection)) return store.prefix + collection;
  throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(store.prefix + collection)} cannot be the name of a table`, {
    hint: 'Tables of DynamoDB have names of 3 to 255 letters, digits, _, - and ., the prefix of the URL included.',
  });
}

/** What the adapter says where a collection is not there. */
export function noCollection(store: Store, collection: string): PolyshiftError {
  const where = store.prefix === '' ? '' : ` under the prefix ${store.prefix}`;
  return new PolyshiftError('UNKNOWN_COLLECTION', `there is no table ${collection}${where}`);
}
