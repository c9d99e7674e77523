import type { Source, SourceQuery, SourceScan } from '@polyshift/core';
import { readTable, requireColumn, type Table, type TableColumn } from './catalog/table.ts';
import { compileConditions } from './conditions.ts';
import { beginSnapshot, type Database } from './database.ts';
import { MysqlScan, type ScanPlan } from './source/scan.ts';

/** Reads tables and views for ETL, page by page in the order of the key, in a snapshot. */
export class MysqlSource implements Source {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async scan(query: SourceQuery): Promise<SourceScan> {
    const connection = await this.database.open();
    try {
      await beginSnapshot(connection);
      const plan = planScan(await readTable(connection, query.collection), query);
      // Values that do not fit their columns are an error now, and not in the middle of the first partition.
      compileConditions(query.conditions, (field) => requireColumn(plan.table, field));
      return new MysqlScan(connection, plan);
    } catch (error) {
      connection.driver.destroy();
      throw error;
    }
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
