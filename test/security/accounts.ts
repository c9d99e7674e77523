import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freshDatabase, startServer } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { MatrixStore } from '../matrix/stores.ts';
import { password } from './secret.ts';

/** A database, and a user with the password of the tests. */
export interface Account extends AsyncDisposable {
  /** With user and password, percent-encoded. */
  readonly url: string;
  /** Whether the server itself refuses a wrong password; those of the tests that take any do not. */
  readonly checked: boolean;
}

const user = 'polyshift_app';

/** As `encodeURIComponent`, and without the quotes of a file `.env`. */
const encodedPassword = encodeURIComponent(password).replaceAll("'", '%27');

function withUser(text: string, name = user): string {
  const [scheme, rest] = text.split('://') as [string, string];
  return `${scheme}://${name}:${encodedPassword}@${rest.slice(rest.indexOf('@') + 1)}`;
}

async function postgresql(folder: string): Promise<Account> {
  const rules = join(folder, 'pg_hba.conf');
  await writeFile(rules, 'host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n', { mode: 0o644 });
  const server = await startServer('postgresql', { kinds: ['native'], settings: { hba_file: rules } });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`CREATE ROLE ${user} SUPERUSER LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await client.end();
  return { url: withUser(server.url), checked: true, [Symbol.asyncDispose]: () => server.stop() };
}

async function mysqlLike(store: 'mysql' | 'mariadb'): Promise<Account> {
  const database = await freshDatabase(await sharedServer(store), 'secrets');
  const name = database.name.slice(-20);
  const run = async (...statements: string[]) => {
    const client = await mysql.createConnection(database.url);
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  await run(
    `CREATE USER '${name}'@'%' IDENTIFIED BY ${mysql.escape(password)}`,
    `GRANT ALL PRIVILEGES ON \`${database.name}\`.* TO '${name}'@'%'`,
  );
  return {
    url: withUser(database.url, name),
    checked: true,
    async [Symbol.asyncDispose]() {
      await run(`DROP USER '${name}'@'%'`);
      await database.drop();
    },
  };
}

async function redis(): Promise<Account> {
  const database = await freshDatabase(await sharedServer('redis'), 'secrets');
  const client = new Redis(database.url);
  await client.call('ACL', 'SETUSER', database.name, 'on', `>${password}`, '~*', '&*', '+@all');
  return {
    url: withUser(database.url, database.name),
    checked: true,
    async [Symbol.asyncDispose]() {
      await client.call('ACL', 'DELUSER', database.name);
      client.disconnect();
      await database.drop();
    },
  };
}

/** A server that takes any name and password, or none. */
async function unchecked(store: MatrixStore['server']): Promise<Account> {
  const database = await freshDatabase(await sharedServer(store), 'secrets');
  // A stand-in of MongoDB cannot be logged in to at all: the password stands in an option that the driver keeps and nobody asks for.
  const url =
    store === 'mongodb'
      ? `${database.url}&tlsCertificateKeyFilePassword=${encodedPassword}`
      : withUser(database.url, user.replace('_', ''));
  return { url, checked: false, [Symbol.asyncDispose]: () => database.drop() };
}

/** Makes the account of a store; PostgreSQL keeps a file of its server in the folder. */
export async function openAccount(store: MatrixStore['server'], folder: string): Promise<Account> {
  if (store === 'postgresql') return postgresql(folder);
  if (store === 'mysql' || store === 'mariadb') return mysqlLike(store);
  return store === 'redis' ? redis() : unchecked(store);
}
