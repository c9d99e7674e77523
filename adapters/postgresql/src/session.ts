import type {
  Conditions,
  Fingerprint,
  JsonValue,
  KeptAside,
  OperationHandlers,
  Pressure,
  ServerInfo,
  StoreSchema,
  StoreSession,
} from '@polyshift/core';
import { readTable, requireColumn } from './catalog/table.ts';
import { compileConditions } from './conditions.ts';
import type { Database } from './database.ts';
import { fingerprint } from './fingerprint.ts';
import { keptAsideEach, strayAside } from './handler/kept-aside.ts';
import { introspect } from './introspect.ts';
import { PostgresJournal } from './journal.ts';
import { JournalTables } from './journal-tables.ts';
import { PostgresLocks } from './lock.ts';
import { createHandlers } from './operations/handlers.ts';
import { Parameters } from './parameters.ts';
import { pressure } from './pressure.ts';
import { PostgresScripts } from './script/writer.ts';
import { PostgresSink } from './sink.ts';
import { PostgresSource } from './source.ts';

/** A connection to a PostgreSQL database, with all that the adapter gives. */
export class PostgresSession implements StoreSession {
  readonly server: ServerInfo;
  readonly operations: OperationHandlers;
  readonly journal: PostgresJournal;
  readonly locks: PostgresLocks;
  readonly source: PostgresSource;
  readonly sink: PostgresSink;
  readonly scripts: PostgresScripts;
  private readonly database: Database;

  constructor(database: Database, server: ServerInfo) {
    const tables = new JournalTables(database);
    this.database = database;
    this.server = server;
    this.operations = createHandlers(database, server.features);
    this.journal = new PostgresJournal(database, tables);
    this.locks = new PostgresLocks(database, tables);
    this.source = new PostgresSource(database);
    this.sink = new PostgresSink(database, tables);
    this.scripts = new PostgresScripts(database);
  }

  async introspect(names?: readonly string[]): Promise<StoreSchema> {
    return await introspect(this.database, names);
  }

  async fingerprint(name: string): Promise<Fingerprint> {
    return await fingerprint(this.database, name);
  }

  async count(name: string, conditions?: Conditions): Promise<number> {
    return await this.database.transaction(
      async (connection) => {
        const table = await readTable(connection, name);
        const parameters = new Parameters();
        const where = compileConditions(conditions, (field) => requireColumn(table, field), parameters.bind);
        const row = await connection.row<{ count: string }>(
          `SELECT count(*) AS count FROM ${table.sql} WHERE ${where}`,
          parameters.values,
        );
        return Number(row!.count);
      },
      { read_only: true },
    );
  }

  async query(text: string): Promise<JsonValue> {
    return await this.database.transaction((connection) => connection.scalar(text), { read_only: true });
  }

  async pressure(): Promise<Pressure> {
    return await pressure(this.database);
  }

  async keptAside(aside: string): Promise<KeptAside> {
    return (await this.keptAsideEach([aside]))[0]!;
  }

  async keptAsideEach(asides: readonly string[]): Promise<KeptAside[]> {
    return await keptAsideEach(this.database, asides);
  }

  async strayAside(known: readonly string[]): Promise<string[]> {
    return await strayAside(this.database, known);
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
