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
import { checkQuery } from './check-query.ts';
import { compileConditions } from './conditions.ts';
import type { Database } from './database.ts';
import { fingerprint } from './fingerprint.ts';
import { keptAside, strayAside } from './handler/kept-aside.ts';
import { introspect } from './introspect.ts';
import { MysqlJournal } from './journal.ts';
import { JournalTables } from './journal-tables.ts';
import { MysqlLocks } from './lock.ts';
import { createHandlers } from './operations/handlers.ts';
import { pressure } from './pressure.ts';
import { MysqlScripts } from './script/writer.ts';
import type { Dialect } from './server-features.ts';
import { MysqlSink } from './sink.ts';
import { MysqlSource } from './source.ts';

/** A connection to a database of MySQL or MariaDB, with all that the adapter gives. */
export class MysqlSession implements StoreSession {
  readonly server: ServerInfo;
  readonly operations: OperationHandlers;
  readonly journal: MysqlJournal;
  readonly locks: MysqlLocks;
  readonly source: MysqlSource;
  readonly sink: MysqlSink;
  readonly scripts: MysqlScripts;
  private readonly database: Database;

  constructor(database: Database, server: ServerInfo, dialect: Dialect) {
    const tables = new JournalTables(database);
    this.database = database;
    this.server = server;
    this.operations = createHandlers({ database, dialect });
    this.journal = new MysqlJournal(database, tables);
    this.locks = new MysqlLocks(database, tables);
    this.source = new MysqlSource(database);
    this.sink = new MysqlSink(database, tables, dialect);
    this.scripts = new MysqlScripts(database);
  }

  async introspect(names?: readonly string[]): Promise<StoreSchema> {
    return await introspect(this.database, names);
  }

  async fingerprint(name: string): Promise<Fingerprint> {
    return await fingerprint(this.database, name);
  }

  async count(name: string, conditions?: Conditions): Promise<number> {
    const table = await readTable(this.database, name);
    const where = compileConditions(conditions, (field) => requireColumn(table, field));
    const row = await this.database.row<{ count: string }>(`SELECT COUNT(*) AS count FROM ${table.sql} WHERE ${where}`);
    return Number(row!.count);
  }

  async query(text: string): Promise<JsonValue> {
    return await checkQuery(this.database, text);
  }

  async pressure(): Promise<Pressure> {
    return await pressure(this.database);
  }

  async keptAside(aside: string): Promise<KeptAside> {
    return await this.database.use((connection) => keptAside(connection, aside));
  }

  async strayAside(known: readonly string[]): Promise<string[]> {
    return await this.database.use((connection) => strayAside(connection, known));
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
