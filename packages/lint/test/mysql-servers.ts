import { sharedServer } from '@polyshift/testkit/vitest';
import mysql from 'mysql2/promise';

/** The servers that what lint says of MySQL and MariaDB is held against. */
export const mysqlServers = { mysql: await sharedServer('mysql'), mariadb: await sharedServer('mariadb') };

/** Connects to a server, with an empty database of this name in use. */
export async function openDatabase(kind: keyof typeof mysqlServers, database: string): Promise<mysql.Connection> {
  const connection = await mysql.createConnection(mysqlServers[kind].url);
  await connection.query(`CREATE DATABASE ${database}`);
  await connection.query(`USE ${database}`);
  return connection;
}

/** Drops the database and disconnects. */
export async function dropDatabase(connection: mysql.Connection, database: string): Promise<void> {
  await connection.query(`DROP DATABASE ${database}`);
  await connection.end();
}
