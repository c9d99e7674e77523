import {
  type AnyOperationInput,
  checkOperation,
  down,
  type Migration,
  migrationChecksum,
  planUp,
  type StoreSession,
  up,
} from '@polyshift/core';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import { type SharedServer, sharedServer } from '@polyshift/testkit/vitest';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import mysql from '../src/index.ts';

/** The two servers that everything runs on. */
export const servers = ['mysql', 'mariadb'] as const;

/** A database of a test's own, with the adapter connected to it and a plain connection of the application beside it. */
export class TestDatabase implements AsyncDisposable {
  readonly session: StoreSession;
  readonly url: string;
  private readonly application: Connection;
  private readonly database: FreshDatabase;

  private constructor(database: FreshDatabase, session: StoreSession, application: Connection) {
    this.database = database;
    this.url = database.url;
    this.session = session;
    this.application = application;
  }

  /** Makes an empty database on one of the servers. */
  static async on(server: SharedServer): Promise<TestDatabase> {
    const database = await freshDatabase(server);
    const application = await createConnection({ uri: database.url, dateStrings: true, supportBigNumbers: true });
    await application.query("SET sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES'");
    return new TestDatabase(database, await mysql.connect(database.url), application);
  }

  /** Runs a statement as the application would; gives the rows by position. */
  async sql(text: string): Promise<unknown[][]> {
    const [rows] = await this.application.query<RowDataPacket[][]>({ sql: text, rowsAsArray: true });
    return Array.isArray(rows) ? rows : [];
  }

  /** A further connection of the application, for what is to happen meanwhile. */
  async connect(): Promise<Connection> {
    return await createConnection({ uri: this.url });
  }

  /** Applies operations as one migration. */
  async up(...operations: AnyOperationInput[]): Promise<void> {
    await up({ session: this.session, migrations: [migrationOf(operations)] });
  }

  /** Takes them back. Gives the notes of the run. */
  async down(...operations: AnyOperationInput[]): Promise<string[]> {
    const notes: string[] = [];
    await down({
      session: this.session,
      migrations: [migrationOf(operations)],
      emit: (event) => {
        if (event.kind === 'progress' && event.note !== undefined) notes.push(event.note);
      },
    });
    return notes;
  }

  /** The statements that an operation would run. */
  async plan(operation: AnyOperationInput) {
    const report = await planUp({ session: this.session, migrations: [migrationOf([operation])] });
    return report.migrations[0]!.operations[0]!.statements;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.application.destroy();
    await this.session.close();
    await this.database.drop();
  }
}

/** The shared server of a name. */
export async function server(name: (typeof servers)[number]): Promise<SharedServer> {
  return await sharedServer(name);
}

/** A migration of these operations. */
export function migrationOf(inputs: readonly AnyOperationInput[]): Migration {
  const operations = inputs.map((input) => checkOperation(input));
  return { version: '1', name: 'test', operations, checksum: migrationChecksum({ operations }), file: '1_test.json' };
}
