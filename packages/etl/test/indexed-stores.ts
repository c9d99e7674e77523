import type { Adapter } from '@polyshift/core';
import mongodb from '@polyshift/mongodb';
import mysql from '@polyshift/mysql';
import postgresql from '@polyshift/postgresql';
import { MongoClient } from 'mongodb';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { Client } from 'pg';

/** Rows of `people` before a load; those of `people_from`, which a load brings, have the numbers behind. */
export const rowsBefore = 40;
export const rowsFrom = 300;

/** A store that has `people_from` to load from, and `people` with rows, with indexes that a load can drop, and with others that it must not. */
export interface IndexedStore {
  readonly type: 'postgresql' | 'mysql' | 'mongodb';
  readonly adapter: Adapter;
  /** The key of `people`. */
  readonly key: string;
  /** Indexes that a load drops, in the order of building. */
  readonly dropped: readonly string[];
  /** Indexes that stay, with why. */
  readonly stays: Readonly<Record<string, string>>;
  open(url: string): Promise<OpenStore>;
}

/** The same, open, with everything made. */
export interface OpenStore extends AsyncDisposable {
  /** Every index of `people` in the store's own words, by name. */
  indexes(): Promise<Record<string, unknown>>;
  count(): Promise<number>;
  /** Gives two rows of the source one code, which is unique in the target, or gives it its own again. */
  setCode(id: number, code: string): Promise<void>;
  /** Writes a row of `people` as the application does. */
  write(id: number, name: string): Promise<void>;
  /** Makes an index of this name that is another one. */
  createOther(name: string): Promise<void>;
  /** Drops an index. */
  drop(name: string): Promise<void>;
}

const sqlRows = (from: number, to: number, list: (id: number) => string): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `(${list(from + index)})`).join(', ');

const person = (id: number): string => `${id}, ${(id % 5) + 1}, 'code ${id}', 'Name ${id % 30}', ${id % 90}, 'about ${id}'`;

async function openPostgresql(url: string): Promise<OpenStore> {
  const sql = new Client({ connectionString: url });
  await sql.connect();
  const columns = 'id int PRIMARY KEY, city int, code text, name text, age int, about text';
  await sql.query(`
    CREATE TABLE cities (id int PRIMARY KEY);
    INSERT INTO cities SELECT generate_series(1, 5);
    CREATE TABLE people_from (${columns});
    INSERT INTO people_from VALUES ${sqlRows(rowsBefore + 1, rowsBefore + rowsFrom, person)};
    CREATE TABLE people (${columns}, FOREIGN KEY (city) REFERENCES cities);
    INSERT INTO people VALUES ${sqlRows(1, rowsBefore, person)};
    CREATE UNIQUE INDEX people_code ON people (code);
    CREATE INDEX people_city ON people (city, age);
    CREATE INDEX people_age ON people (age DESC NULLS LAST) INCLUDE (name) WITH (fillfactor = 70) WHERE age > 18;
    CREATE INDEX people_lower ON people (lower(name) text_pattern_ops, (age + 1));
    ALTER INDEX people_lower ALTER COLUMN 2 SET STATISTICS 250;
    COMMENT ON INDEX people_lower IS 'it''s for the search';
    CREATE INDEX people_name ON people USING hash (name);
    ALTER TABLE people CLUSTER ON people_lower;`);
  const run = async (text: string, ...values: unknown[]): Promise<void> => void (await sql.query(text, values));
  return {
    indexes: async () => {
      const { rows } = await sql.query(`
        SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition, i.indisvalid AS valid, i.indisclustered AS clustered,
          obj_description(c.oid, 'pg_class') AS comment,
          (SELECT json_agg(a.attstattarget ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid) AS statistics
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'people'::regclass ORDER BY 1`);
      return Object.fromEntries(rows.map(({ name, ...rest }) => [name, rest]));
    },
    count: async () => Number((await sql.query('SELECT count(*) FROM people')).rows[0].count),
    setCode: (id, code) => run('UPDATE people_from SET code = $2 WHERE id = $1', id, code),
    write: (id, name) => run('INSERT INTO people (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = $2', id, name),
    createOther: (name) => run(`CREATE INDEX ${name} ON people (about)`),
    drop: (name) => run(`DROP INDEX ${name}`),
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

async function openMysql(url: string): Promise<OpenStore> {
  const sql = await createConnection({ uri: url, multipleStatements: true });
  const columns = 'id int PRIMARY KEY, city int, code varchar(20), name varchar(40), age int, about text';
  await sql.query(`
    CREATE TABLE cities (id int PRIMARY KEY);
    INSERT INTO cities VALUES (1), (2), (3), (4), (5);
    CREATE TABLE people_from (${columns});
    INSERT INTO people_from VALUES ${sqlRows(rowsBefore + 1, rowsBefore + rowsFrom, person)};
    CREATE TABLE people (${columns}, UNIQUE KEY people_code (code), KEY people_city (city, age), FOREIGN KEY (city) REFERENCES cities (id),
      KEY people_age (age DESC, name(5)) COMMENT 'it''s for the search', KEY people_name (name) INVISIBLE, KEY people_about (about(9)));
    INSERT INTO people VALUES ${sqlRows(1, rowsBefore, person)};`);
  const run = async (text: string, ...values: unknown[]): Promise<void> => void (await sql.query(text, values));
  return {
    indexes: async () => {
      const [rows] = await sql.query<RowDataPacket[]>('SHOW INDEX FROM people');
      const found: Record<string, unknown[]> = {};
      for (const { Key_name: name, Cardinality: _cardinality, ...rest } of rows) found[name] = [...(found[name] ?? []), rest];
      return found;
    },
    count: async () => Number((await sql.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM people'))[0][0]!['n']),
    setCode: (id, code) => run('UPDATE people_from SET code = ? WHERE id = ?', code, id),
    write: (id, name) => run('INSERT INTO people (id, name) VALUES (?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name)', id, name),
    createOther: (name) => run(`CREATE INDEX ${name} ON people (name, age)`),
    drop: (name) => run(`DROP INDEX ${name} ON people`),
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

async function openMongodb(url: string): Promise<OpenStore> {
  const client = await new MongoClient(url).connect();
  const db = client.db();
  const people = db.collection<{ _id: number; code?: string; name?: string }>('people');
  const from = db.collection<{ _id: number; code?: string }>('people_from');
  const documents = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => {
      const id = first + index;
      return {
        _id: id,
        code: `code ${id}`,
        name: `Name ${id % 30}`,
        age: id % 90,
        at: { type: 'Point', coordinates: [id % 90, 1] },
      };
    });
  await from.insertMany(documents(rowsBefore + 1, rowsBefore + rowsFrom));
  await people.insertMany(documents(1, rowsBefore));
  await people.createIndexes([
    { key: { code: 1 }, name: 'people_code', unique: true },
    { key: { at: '2dsphere' }, name: 'people_at' },
    { key: { name: 1, age: -1 }, name: 'people_name', collation: { locale: 'de', strength: 2 } },
    { key: { age: 1 }, name: 'people_age', partialFilterExpression: { age: { $gt: 18 } } },
    { key: { extra: 1 }, name: 'people_extra', sparse: true, hidden: true },
    { key: { '$**': 1 }, name: 'people_any', wildcardProjection: { name: 1 } },
  ]);
  return {
    indexes: async () => Object.fromEntries((await people.listIndexes().toArray()).map((each) => [each['name'], each])),
    count: () => people.countDocuments(),
    setCode: async (id, code) => void (await from.updateOne({ _id: id }, { $set: { code } })),
    write: async (id, name) =>
      void (await people.updateOne({ _id: id }, { $set: { name, code: `of the application ${id}` } }, { upsert: true })),
    createOther: async (name) => void (await people.createIndex({ other: 1 }, { name })),
    drop: (name) => people.dropIndex(name).then(() => undefined),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** The stores that drop indexes for a load and build them again. */
export const indexedStores: readonly IndexedStore[] = [
  {
    type: 'postgresql',
    adapter: postgresql,
    key: 'id',
    dropped: ['people_age', 'people_lower', 'people_name'],
    stays: {
      people_city: 'serves the foreign key people_city_fkey',
      people_code: 'keeps rows unique',
      people_pkey: 'is the primary key',
    },
    open: openPostgresql,
  },
  {
    type: 'mysql',
    adapter: mysql,
    key: 'id',
    dropped: ['people_age', 'people_name', 'people_about'],
    stays: {
      PRIMARY: 'is the primary key',
      people_city: 'serves the foreign key people_ibfk_1',
      people_code: 'keeps rows unique',
    },
    open: openMysql,
  },
  {
    type: 'mongodb',
    adapter: mongodb,
    key: '_id',
    dropped: ['people_age', 'people_any', 'people_extra', 'people_name'],
    stays: {
      _id_: 'is the index of _id',
      people_at: 'is what queries of the kind 2dsphere need, which fail without it',
      people_code: 'keeps documents unique',
    },
    open: openMongodb,
  },
];
