import { keyedSink, type SinkStore } from '@polyshift/adapter-kit';
import { type LoadUndo, PolyshiftError, type Sink, type SinkTarget, type TargetField, typeReference } from '@polyshift/core';
import { dropTable } from './catalog/drop-table.ts';
import { findTable, keyNames, openTable, type Table } from './catalog/table.ts';
import { createTableText, insertText, tableName } from './catalog/table-text.ts';
import { udtLookup } from './catalog/udts.ts';
import { refuseUnknown, rowConditions } from './conditions.ts';
import { countRows } from './count.ts';
import { changeSchema, read, serverTime } from './cql/execute.ts';
import { refuseName } from './cql/identifier.ts';
import { layoutOf, type NewColumn, newTable } from './new-table.ts';
import { possibleLosses } from './possible-losses.ts';
import { insertPlainly } from './rows/plain-inserts.ts';
import { rowStore } from './rows/row-store.ts';
import { hasScalarKey, keepsKeysApart } from './sink-apart.ts';
import { tableEncoder, targetColumns } from './sink-encode.ts';
import { cqlForm } from './source.ts';
import { isOwnTable, type Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';
import { cqlTypeOf } from './types.ts';
import { storedViolations } from './validation.ts';
import { type CqlType, parseCqlType, type UdtLookup } from './values/cql-type.ts';

/**
 * Writes tables: each row by INSERT IF NOT EXISTS or by an UPDATE on the condition that it is what it was; into a new or empty table rows whose
 * keys nobody else writes at the same time by plain batches.
 */
export function cassandraSink(store: Store): Sink {
  const sink = keyedSink(sinkStore(store));
  const open: Sink['open'] = async (target, undo) =>
    translateErrors(await sink.open(target, undo), `loading ${target.collection}`);
  return translateErrors({ ...sink, open }, 'sink');
}

function sinkStore(store: Store): SinkStore<Buffer> {
  return {
    store: rowStore(store),

    async state(collection) {
      const table = await findTable(store, collection);
      if (!table) return 'absent';
      refuseTarget(table);
      const rows = await read(store, `SELECT * FROM ${tableName(store.keyspace, collection)} LIMIT 1`);
      return rows.length === 0 ? 'empty' : 'filled';
    },

    async plan(target, before) {
      const table = before === 'absent' ? await plannedTable(store, target) : await openTable(store, target.collection);
      if (before !== 'absent') refuseMisfit(table, target);
      const columns = targetColumns(table, target);
      const insert = `${insertText(store.keyspace, target.collection, columns)} ${howOf(target, table, before)}`;
      return {
        statements: [...(before === 'absent' ? [createTableText(store.keyspace, target.collection, table)] : []), insert],
        fields: columns.map(({ name, type }): TargetField => {
          const source = target.columns.find((column) => column.name === name);
          const same = source?.form === cqlForm && source.native === type.text;
          return { name, type: type.text, losses: same || !source ? [] : possibleLosses(source.type, type) };
        }),
      };
    },

    async create(target) {
      if (await findTable(store, target.collection)) return;
      await changeSchema(store, createTableText(store.keyspace, target.collection, await plannedTable(store, target)));
    },

    async clear(collection) {
      await changeSchema(store, `TRUNCATE ${tableName(store.keyspace, collection)}`);
    },

    drop: (collection) => dropTable(store, collection),

    async count(collection) {
      const table = await openTable(store, collection);
      return countRows(store, table, rowConditions(table, undefined));
    },

    async encoder(target) {
      const table = await openTable(store, target.collection);
      return tableEncoder(table, target, store.rowBytes);
    },

    async inserter(target) {
      const table = await openTable(store, target.collection);
      if (!hasScalarKey(table) || !(target.sole_writer || keepsKeysApart(target, table))) return undefined;
      const time = await serverTime(store);
      return (rows) => insertPlainly(store, table, rows, time);
    },

    violations: (collection) => storedViolations(store, collection),
  };
}

/** The table that a load makes: types as `load_params.columns` says, else those of a source that is Cassandra too, else the best for the portable one. */
async function plannedTable(store: Store, target: SinkTarget): Promise<Table> {
  refuseName(target.collection, 'load.target_table');
  const udts = await udtLookup(store);
  const { columns: given = {}, ...options } = target.params ?? {};
  const wanted = given as Record<string, unknown>;
  const names = [...new Set([...target.columns.map(({ name }) => name), ...Object.keys(wanted)])];
  if (names.length === 0) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${target.collection} does not exist, and documents do not say what columns it is to have`,
      {
        hint: 'Create the table first, name its columns in load_params.columns, or add a transform step.',
      },
    );
  }
  const columns = names.map(
    (name): NewColumn => ({ name, type: newType(target, name, Object.hasOwn(wanted, name) ? wanted[name] : undefined, udts) }),
  );
  return newTable(target.collection, columns, target.key, layoutOf(options, 'load_params'));
}

function newType(target: SinkTarget, name: string, given: unknown, udts: UdtLookup): CqlType {
  if (given !== undefined) {
    const parsed = typeReference.safeParse(given);
    if (parsed.success) return cqlTypeOf(parsed.data, udts);
    throw new PolyshiftError('INVALID_DOCUMENT', `load_params.columns.${name} is no type`, {
      place: { path: `load_params.columns.${name}` },
    });
  }
  const source = target.columns.find((column) => column.name === name)!;
  if (source.form === cqlForm && source.native !== undefined) {
    try {
      const type = parseCqlType(source.native, udts);
      if (type.name !== 'counter') return type;
    } catch {
      // A user-defined type that this keyspace does not have.
    }
  }
  return cqlTypeOf(source.type.kind === 'native' ? 'text' : source.type, udts);
}

/** How rows are inserted: see `SinkStore.inserter`. */
function howOf(target: SinkTarget, table: Table, before: LoadUndo['before']): string {
  if (before === 'filled' || !hasScalarKey(table)) return 'IF NOT EXISTS';
  return target.unique_keys && keepsKeysApart(target, table)
    ? 'USING TIMESTAMP ?'
    : 'IF NOT EXISTS -- USING TIMESTAMP ? where one process loads';
}

function refuseTarget(table: Table): void {
  const reason = table.view
    ? 'it is a materialized view, which the store fills itself'
    : table.columns.some(({ type }) => type.name === 'counter')
      ? 'it has counters, which are changed by adding to them and cannot be loaded'
      : isOwnTable(table.name)
        ? 'it is a table of polyshift'
        : undefined;
  if (reason) throw new PolyshiftError('UNSUPPORTED_OPERATION', `nothing can be loaded into ${table.name}: ${reason}`);
}

/** Throws UNKNOWN_FIELD or INVALID_DOCUMENT where rows do not fit into a table that is there. */
function refuseMisfit(table: Table, target: SinkTarget): void {
  for (const { name } of target.columns) refuseUnknown(table, name);
  const key = keyNames(table);
  if ([...target.key].sort().join('\0') !== [...key].sort().join('\0')) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${table.name} has the key ${key.join(', ')}: rows cannot be the same by ${target.key.join(', ')}`,
      {
        hint: 'Name the key of the table in the load step.',
      },
    );
  }
  const columns = targetColumns(table, target);
  const missing = key.find((name) => !columns.some((column) => column.name === name));
  if (missing !== undefined)
    throw new PolyshiftError('INVALID_DOCUMENT', `the rows do not have the key field ${missing} of ${table.name}`);
  const shared = columns.find(({ kind }) => kind === 'static');
  if (shared) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${shared.name} is a static column of ${table.name}: it belongs to a partition, not to a row`,
      {
        hint: 'Leave it out of the rows; load static values by the application.',
      },
    );
  }
}
