import { oddName } from './common-set-up.ts';

/** An online change on a table with everything on it. */
export interface OnlineCase {
  readonly name: string;
  readonly collection?: string;
  readonly setUp?: string;
  readonly operations: readonly { readonly type: string; readonly data: object; readonly conditions?: object }[];
  readonly back?: Readonly<Record<string, string>>;
  /** What an application of each version writes; `NEW.` stands for the schema of the new version. */
  readonly old: string;
  readonly fresh: string;
  /** What each version has then, by queries that give one value: the query, and the value in both. */
  readonly expected?: readonly (readonly [query: string, value: unknown])[];
}

const oldWrites = `
INSERT INTO users (first_name, last_name, email, age, score, country, feeling, size, tags, settings, raw, born, seen)
VALUES ('Old', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('Old 2', 'x', 'o2@example.org', 5, 1.5, 'DE', 'happy', 3, '{a}', '{}', '[]', '2001-02-03', now());
UPDATE users SET last_name = 'Changed', age = age + 1, score = NULL WHERE id IN (3, 4);
UPDATE users SET id = 7007 WHERE id = 7;
DELETE FROM users WHERE id = 9`;

const common: Pick<OnlineCase, 'old' | 'fresh'> = {
  old: oldWrites,
  fresh: `
INSERT INTO NEW.users (first_name, country, raw) VALUES ('New', 'FR', '{"a": 1,  "a": 2}');
UPDATE NEW.users SET first_name = 'Renamed', raw = NULL WHERE id IN (13, 14);
UPDATE NEW.users SET id = 17017 WHERE id = 17;
DELETE FROM NEW.users WHERE id = 19`,
};

/** One case for each kind of operation, and some together. */
export const onlineCases: readonly OnlineCase[] = [
  {
    ...common,
    name: 'add_field with a default',
    operations: [{ type: 'add_field', data: { field_name: 'level', default_value: 3, nullable: false } }],
    fresh: `${common.fresh}; UPDATE NEW.users SET level = 9 WHERE id = 21`,
    expected: [['SELECT level FROM NEW.users WHERE id = 21', 9]],
  },
  {
    ...common,
    name: 'add_field with conditions',
    operations: [
      {
        type: 'add_field',
        data: { field_name: 'adult', type: 'boolean', default_value: true },
        conditions: { age: { gte: 18 } },
      },
    ],
    expected: [['SELECT count(*)::int FROM NEW.users WHERE adult AND age < 17', 0]],
  },
  {
    ...common,
    name: 'rename_field',
    operations: [{ type: 'rename_field', data: { old_name: 'last_name', new_name: 'family' } }],
    fresh: `${common.fresh}; UPDATE NEW.users SET family = 'F' WHERE id = 21`,
    expected: [['SELECT last_name FROM users WHERE id = 21', 'F']],
  },
  {
    ...common,
    name: 'rename_field of the key',
    operations: [{ type: 'rename_field', data: { old_name: 'id', new_name: 'user_id' } }],
    fresh: `INSERT INTO NEW.users (first_name) VALUES ('New'); UPDATE NEW.users SET user_id = 8008 WHERE user_id = 8; DELETE FROM NEW.users WHERE user_id = 10`,
    expected: [['SELECT count(*)::int FROM users WHERE id IN (8, 10, 8008)', 1]],
  },
  {
    ...common,
    name: 'remove_field',
    operations: [{ type: 'remove_field', data: { field_name: 'email' } }],
    expected: [['SELECT email FROM users WHERE id = 13', 'u13@example.org']],
  },
  {
    ...common,
    name: 'remove_field that every row must have, with a value for the old version',
    operations: [{ type: 'remove_field', data: { field_name: 'first_name' } }],
    back: { first_name: `upper(coalesce(last_name, 'none'))` },
    fresh: `INSERT INTO NEW.users (last_name) VALUES ('New'); UPDATE NEW.users SET age = 1 WHERE id = 22; UPDATE NEW.users SET last_name = 'Two' WHERE id = 23`,
    expected: [
      [`SELECT count(*)::int FROM users WHERE first_name = 'NEW'`, 1],
      ['SELECT first_name FROM users WHERE id = 22', 'First 22'],
      ['SELECT first_name FROM users WHERE id = 23', 'TWO'],
    ],
  },
  {
    ...common,
    name: 'change_type of the key, to bigint',
    collection: 'people',
    setUp: `CREATE TABLE people (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text); INSERT INTO people (name) SELECT 'p' || g FROM generate_series(1, 50) AS g;
      CREATE TABLE notes (id serial PRIMARY KEY, person integer REFERENCES people ON DELETE CASCADE, name text); INSERT INTO notes (person) SELECT g FROM generate_series(1, 50) AS g`,
    operations: [{ type: 'change_type', data: { field_name: 'id', to: 'int64' } }],
    old: `INSERT INTO people (name) VALUES ('old'); DELETE FROM people WHERE id = 3; UPDATE people SET name = NULL WHERE id = 4`,
    fresh: `INSERT INTO NEW.people (name) VALUES ('new'); DELETE FROM NEW.people WHERE id = 5; UPDATE NEW.people SET name = 'x' WHERE id = 6`,
    expected: [
      ['SELECT count(*)::int FROM notes', 48],
      ['SELECT max(id)::int FROM people', 52],
    ],
  },
  {
    ...common,
    name: 'change_type of the key, to text',
    collection: 'sales.orders',
    operations: [{ type: 'change_type', data: { field_name: 'id', to: 'text' } }],
    old: `UPDATE sales.orders SET total = 1 WHERE user_id = 3; DELETE FROM sales.orders WHERE user_id = 4; UPDATE sales.orders SET id = gen_random_uuid() WHERE user_id = 5; INSERT INTO sales.orders (user_id) VALUES (100)`,
    fresh: `UPDATE NEW.orders SET total = 2 WHERE user_id = 6; DELETE FROM NEW.orders WHERE user_id = 7; UPDATE NEW.orders SET id = gen_random_uuid() WHERE user_id = 8; INSERT INTO NEW.orders (user_id) VALUES (101)`,
  },
  {
    ...common,
    name: 'change_type that rounds keeps what the other version writes not',
    operations: [{ type: 'change_type', data: { field_name: 'score', to: 'int32' } }],
    fresh: `${common.fresh}; UPDATE NEW.users SET first_name = 'Other' WHERE id = 3 + 2; UPDATE NEW.users SET score = 99 WHERE id = 6`,
    expected: [
      ['SELECT score::text FROM users WHERE id = 5', '6.25'],
      ['SELECT score::text FROM users WHERE id = 6', '99.00'],
    ],
  },
  {
    ...common,
    name: 'change_type with using',
    operations: [
      { type: 'change_type', data: { field_name: 'last_name', to: 'integer', using: `substr(last_name, 6)::integer` } },
    ],
    old: `UPDATE users SET last_name = 'Last 777' WHERE id = 3; UPDATE users SET age = 2 WHERE id = 4`,
    fresh: `UPDATE NEW.users SET age = 44 WHERE id = 5`,
    expected: [
      ['SELECT last_name FROM NEW.users WHERE id = 3', 777],
      ['SELECT last_name FROM users WHERE id = 5', 'Last 5'],
    ],
  },
  {
    ...common,
    name: 'change_type of an enum, a domain and a timestamp',
    operations: [
      { type: 'change_type', data: { field_name: 'feeling', to: 'text' } },
      { type: 'change_type', data: { field_name: 'size', to: 'int64' } },
      { type: 'change_type', data: { field_name: 'seen', to: 'text' } },
    ],
    fresh: `${common.fresh}; UPDATE NEW.users SET feeling = 'sad', size = 8 WHERE id = 30`,
    expected: [['SELECT feeling::text FROM users WHERE id = 30', 'sad']],
  },
  {
    ...common,
    name: 'migrate_data into new fields, the old one removed',
    operations: [
      { type: 'add_field', data: { field_name: 'word', type: 'text' } },
      { type: 'add_field', data: { field_name: 'number', type: 'text' } },
      {
        type: 'migrate_data',
        data: { set: { word: `split_part(first_name, ' ', 1)`, number: `split_part(first_name, ' ', 2)` } },
      },
      { type: 'remove_field', data: { field_name: 'first_name' } },
    ],
    back: { first_name: `word || ' ' || number` },
    fresh: `INSERT INTO NEW.users (word, number) VALUES ('a', 'b'); UPDATE NEW.users SET number = 'N' WHERE id = 30; UPDATE NEW.users SET age = 1 WHERE id = 31`,
    expected: [
      [`SELECT count(*)::int FROM users WHERE first_name = 'a b'`, 1],
      ['SELECT first_name FROM users WHERE id = 30', 'First N'],
      [`SELECT word || '|' || number FROM NEW.users WHERE first_name IS NULL`, undefined],
    ].slice(0, 2) as never,
  },
  {
    ...common,
    name: 'migrate_data in its place, with conditions',
    operations: [
      {
        type: 'migrate_data',
        data: { pipeline: [{ $set: { last_name: { $toUpper: '$last_name' } } }] },
        conditions: { age: { gte: 20 } },
      },
    ],
    expected: [[`SELECT last_name FROM NEW.users WHERE id = 30`, 'LAST 30']],
  },
  { ...common, name: 'set_default', operations: [{ type: 'set_default', data: { field_name: 'score', default_value: 9.75 } }] },
  {
    ...common,
    name: 'add_constraint: check, unique and not null',
    operations: [
      { type: 'add_constraint', data: { name: 'age_limit', constraint: { kind: 'check', expression: 'age < 500' } } },
      { type: 'add_constraint', data: { name: 'born_unique', constraint: { kind: 'unique', fields: ['born', 'id'] } } },
      { type: 'add_constraint', data: { name: 'n_key', constraint: { kind: 'unique', fields: ['n'] } } },
    ],
  },
  {
    ...common,
    name: 'add_constraint: a foreign key to the table itself',
    setUp: 'ALTER TABLE users ADD COLUMN boss bigint; UPDATE users SET boss = id - 1 WHERE id > 1 AND id NOT IN (8, 10, 18, 20)',
    operations: [
      {
        type: 'add_constraint',
        data: {
          name: 'users_boss',
          constraint: {
            kind: 'foreign_key',
            fields: ['boss'],
            references: { collection: 'users', fields: ['id'] },
            on_delete: 'set_null',
          },
        },
      },
    ],
    old: "UPDATE users SET boss = 1 WHERE id = 3; INSERT INTO users (first_name, boss) VALUES ('o', 2)",
    fresh: `UPDATE NEW.users SET boss = 1 WHERE id = 4; INSERT INTO NEW.users (first_name, boss) VALUES ('f', 2)`,
  },
  {
    ...common,
    name: 'a new primary key in the place of the old one',
    operations: [
      { type: 'drop_constraint', data: { name: 'users_pkey' } },
      { type: 'add_constraint', data: { name: 'users_n', constraint: { kind: 'primary_key', fields: ['n'] } } },
    ],
  },
  { ...common, name: 'drop_constraint', operations: [{ type: 'drop_constraint', data: { name: 'users_email_key' } }] },
  {
    ...common,
    name: 'indexes: create, rename and drop',
    operations: [
      { type: 'create_index', data: { name: 'users_seen', keys: { seen: -1 }, where: { age: { gt: 3 } } } },
      { type: 'alter_index', data: { name: 'users_age', new_name: 'users_years' } },
      { type: 'drop_index', data: { name: 'users_lower' } },
    ],
  },
  {
    ...common,
    name: 'schema_validation that old rows need not meet, and options',
    operations: [
      {
        type: 'schema_validation',
        data: { schema: { bsonType: 'object', properties: { age: { maximum: 60 } } }, level: 'moderate' },
      },
      { type: 'alter_options', data: { options: { fillfactor: 70, comment: 'new' } } },
    ],
  },
  {
    ...common,
    name: 'names that are out for harm',
    collection: oddName,
    operations: [
      { type: 'rename_field', data: { old_name: 'b.c"d', new_name: 'e;\'"$1$polyshift$' } },
      { type: 'change_type', data: { field_name: 'select', to: 'int64' } },
    ],
    old: `INSERT INTO "a""; drop table users; --" VALUES (10, '$1 ''x'); UPDATE "a""; drop table users; --" SET "b.c""d" = '$$' WHERE "select" = 1`,
    fresh: `INSERT INTO NEW."a""; drop table users; --" VALUES (11, '$polyshift$'); UPDATE NEW."a""; drop table users; --" SET "select" = 22 WHERE "select" = 2`,
  },
  {
    ...common,
    name: 'a key of several columns, one of them renamed',
    collection: 'pairs',
    setUp: `CREATE TABLE pairs (a integer, b text COLLATE "C", v numeric(10,2), PRIMARY KEY (b, a)); INSERT INTO pairs SELECT g % 7, 'b' || g, g FROM generate_series(1, 300) AS g`,
    operations: [
      { type: 'rename_field', data: { old_name: 'a', new_name: 'x' } },
      { type: 'change_type', data: { field_name: 'v', to: 'text' } },
    ],
    old: `UPDATE pairs SET a = 100, v = NULL WHERE b = 'b3'; DELETE FROM pairs WHERE b = 'b4'; INSERT INTO pairs VALUES (1, 'new', 1)
      ON CONFLICT (b, a) DO UPDATE SET v = 5; INSERT INTO pairs VALUES (1, 'b8', 1) ON CONFLICT (a, b) DO UPDATE SET v = 77`,
    fresh: `UPDATE NEW.pairs SET x = 100, b = 'moved' WHERE b = 'b5'; DELETE FROM NEW.pairs WHERE b = 'b6'; INSERT INTO NEW.pairs VALUES (2, 'fresh', '3')`,
  },
  {
    ...common,
    name: 'truncated by the old version, and filled by both',
    operations: [{ type: 'change_type', data: { field_name: 'n', to: 'int64' } }],
    old: `TRUNCATE users; INSERT INTO users (first_name) VALUES ('only')`,
    fresh: `INSERT INTO NEW.users (first_name) VALUES ('other')`,
    expected: [['SELECT count(*)::int FROM NEW.users', 2]],
  },
  {
    ...common,
    name: 'truncated by the new version',
    operations: [{ type: 'rename_field', data: { old_name: 'n', new_name: 'm' } }],
    fresh: `TRUNCATE NEW.users; INSERT INTO NEW.users (first_name) VALUES ('other')`,
    expected: [['SELECT count(*)::int FROM users', 1]],
  },
];
