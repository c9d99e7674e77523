import type { KeyedRow, RowAction, RowOperations } from '@polyshift/adapter-kit';
import { PolyshiftError, type PortableDocument } from '@polyshift/core';
import { findTable, keyNames, openedTable, openTable } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { quoted } from '../cql/identifier.ts';
import { isOwnTable, type Store } from '../store.ts';
import { storedViolations } from '../validation.ts';
import { columnType, exactBytes } from './codec.ts';
import { keyColumns, keyOfRow } from './row-key.ts';
import { rowStore } from './row-store.ts';

/** What the operations over rows need to know of Cassandra; `statics` as in rowStore. */
export function rowOperations(store: Store, statics = false): RowOperations<Buffer> {
  const rules = new Map<string, Awaited<ReturnType<typeof storedViolations>>>();
  return {
    store: rowStore(store, statics),
    noun: 'row',

    async keyOf(collection) {
      if (isOwnTable(collection)) return undefined;
      const table = await findTable(store, collection);
      return table && keyNames(table);
    },

    statement: (collection, action) => statementText(store, collection, action),

    build: (collection, document) => buildRow(store, collection, document),

    async open(collection) {
      await openTable(store, collection);
      rules.set(collection, await storedViolations(store, collection));
    },

    violations: (collection, document) => rules.get(collection)?.(document) ?? [],
  };
}

function buildRow(store: Store, collection: string, document: PortableDocument): KeyedRow<Buffer> {
  const table = openedTable(store, collection);
  const row = new Map<string, Buffer>();
  for (const [field, value] of document) {
    const bytes = exactBytes(columnType(table, field), field, { kind: 'dynamic' }, value);
    if (bytes !== undefined) row.set(field, bytes);
  }
  const missing = keyColumns(table).find(({ name }) => !row.has(name));
  if (missing)
    throw new PolyshiftError('INVALID_DOCUMENT', `a row of ${collection} has no ${missing.name}, which is part of its key`);
  return { key: keyOfRow(table, row), row };
}

/** The statement of one row, for plans: `?` for what is bound. */
function statementText(store: Store, collection: string, action: RowAction): string {
  const table = tableName(store.keyspace, collection);
  switch (action.kind) {
    case 'insert':
      return `INSERT INTO ${table} (...) VALUES (...) IF NOT EXISTS`;
    case 'set':
      return `UPDATE ${table} SET ${action.fields.map((field) => `${quoted(field)} = ?`).join(', ')} WHERE key = ? IF ${action.fields
        .map((field) => `${quoted(field)} = ?`)
        .join(' AND ')}`;
    case 'unset':
      return `UPDATE ${table} SET ${action.fields.map((field) => `${quoted(field)} = null`).join(', ')} WHERE key = ? IF ${action.fields
        .map((field) => `${quoted(field)} = ?`)
        .join(' AND ')}`;
    case 'rename':
      return `UPDATE ${table} SET ${quoted(action.to)} = ? WHERE key = ? IF ${quoted(action.to)} = null AND ${quoted(action.from)} = ?`;
  }
}
