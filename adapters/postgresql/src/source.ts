import type { JsonValue, Source, SourceQuery, SourceScan } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { readTable, requireColumn, type Table, type TableColumn } from './catalog/table.ts';
import { compileConditions } from './conditions.ts';
import { Connection, type Database } from './database.ts';
import { Parameters } from './parameters.ts';
import { PostgresScan, type ScanPlan } from './source/scan.ts';

/** Reads tables and views for ETL, by COPY, in snapshots that several connections share. */
export class PostgresSource implements Source {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async scan(query: SourceQuery): Promise<SourceScan> {
    const client = await this.database.open();
    try {
      const connection = new Connection(client);
      await connection.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      if (query.shared !== undefined) await readShared(connection, query.shared);
      const table = await readTable(connection, query.collection);
      const plan = planScan(table, query);
      // The server looks at every value of the conditions now, and not in the middle of the first partition.
      const parameters = new Parameters();
      compileConditions(query.conditions, (field) => requireColumn(table, field), parameters.bind);
      await checkValues(connection, parameters);
      const snapshot = (await connection.row<{ id: string }>('SELECT pg_export_snapshot() AS id'))!.id;
      return new PostgresScan(this.database, client, snapshot, plan);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
  }
}

/** Has the transaction read the snapshot that another scan has exported. Throws CONNECTION_LOST where that scan has ended: nobody can read its view any more. */
async function readShared(connection: Connection, shared: JsonValue): Promise<void> {
  if (typeof shared !== 'string' || !/^[0-9A-F-]+$/i.test(shared)) {
    throw new PolyshiftError('INVALID_DOCUMENT', 'what is shared of a scan is no snapshot of PostgreSQL');
  }
  try {
    await connection.execute(`SET TRANSACTION SNAPSHOT '${shared}'`);
  } catch (cause) {
    const gone = 'the snapshot of the source that this scan shares is gone: the scan that held it has ended';
    throw new PolyshiftError('CONNECTION_LOST', gone, { cause, retryable: true });
  }
}

async function checkValues(connection: Connection, parameters: Parameters): Promise<void> {
  try {
    await parameters.quotedByServer(connection);
  } catch (error) {
    if (!(error instanceof PolyshiftError) || error.code !== 'CONVERSION_FAILED') throw error;
    throw new PolyshiftError('INVALID_DOCUMENT', `A value of the conditions does not fit its column: ${error.message}`, {
      place: { path: 'conditions' },
      cause: error,
    });
  }
}

function planScan(table: Table, query: SourceQuery): ScanPlan {
  const columns = query.fields ? query.fields.map((field) => requireColumn(table, field)) : [...table.columns];
  const key = (query.key ?? table.rowKey).map((field) => requireColumn(table, field));
  const selected = [...columns, ...key.filter((column) => !columns.includes(column))];
  return { table, columns, selected, key, resumable: isUnique(table, key), conditions: query.conditions };
}

/** Whether no two rows have the same key: only then can a scan go on behind the last one without losing its twins. */
function isUnique(table: Table, key: readonly TableColumn[]): boolean {
  const names = new Set(key.map((column) => column.name));
  return table.rowKey.length > 0 && table.rowKey.every((field) => names.has(field)) && key.every((column) => !column.nullable);
}
