import { describe, expect, it } from 'vitest';
import { server, servers, TestDatabase } from './harness.ts';

const table = `CREATE TABLE users (id int PRIMARY KEY, name varchar(100) NOT NULL, age int, mail longtext, KEY by_age (age))`;

describe.each(servers)('plans on %s', (name) => {
  it('say which way the server goes, who waits, and how long', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql(table);
    await database.sql("INSERT INTO users VALUES (1, 'a', 1, 'x')");
    const step = async (operation: Parameters<TestDatabase['plan']>[0]) => (await database.plan(operation))[0]!;

    const added = await step({ type: 'add_field', collection: 'users', data: { field_name: 'tier', default_value: 'free' } });
    expect(added).toMatchObject({ lock: { mode: 'NONE on users', held: 'instant' }, risk: 'none' });
    expect(added.statement).toMatch(/ADD COLUMN `tier` varchar\(255\) NULL DEFAULT 'free', ALGORITHM=INSTANT$/);

    const index = await step({ type: 'create_index', collection: 'users', data: { name: 'by_name', keys: { name: 1 } } });
    expect(index).toMatchObject({ lock: { mode: 'NONE on users', held: 'while it scans' }, risk: 'none' });
    expect(index.statement).toMatch(/ALGORITHM=INPLACE, LOCK=NONE$/);

    const required = await step({
      type: 'add_constraint',
      collection: 'users',
      data: { name: 'age_required', constraint: { kind: 'not_null', field: 'age' } },
    });
    expect(required).toMatchObject({ lock: { mode: 'NONE on users', held: 'while it rewrites' } });

    const check = await step({
      type: 'add_constraint',
      collection: 'users',
      data: { name: 'grown', constraint: { kind: 'check', expression: 'age >= 0' } },
    });
    expect(check).toMatchObject({
      lock: { mode: 'SHARED (writes wait) on users', held: 'while it rewrites' },
      risk: 'blocks_writes',
    });
    expect(check.statement).toMatch(/ALGORITHM=COPY, LOCK=SHARED$/);

    const type = await step({ type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int64' } });
    expect(type).toMatchObject({ lock: { held: 'while it rewrites' } });
    expect(type.lock?.mode).toContain('reads and writes wait');
    // Nothing of the trials is left.
    expect(await database.sql("SHOW TABLES LIKE 'polyshift%'")).toEqual([]);
  });

  it('go on for a column that an earlier operation will have added', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql(table);
    await database.up(
      { type: 'add_field', collection: 'users', data: { field_name: 'tier', type: 'varchar(20)' } },
      { type: 'create_index', collection: 'users', data: { name: 'by_tier', keys: { tier: 1 } } },
    );
    const schema = (await database.session.introspect(['users'])).collections['users']!;
    expect(schema.indexes.map((index) => index.name)).toContain('by_tier');
  });

  it('wait for a table that somebody holds, and go on when it is free', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql(table);
    const other = await database.connect();
    await other.query('START TRANSACTION');
    await other.query('SELECT * FROM users');
    const released = new Promise((resolve) => setTimeout(resolve, 1500)).then(() => other.query('COMMIT'));
    const operation = { type: 'rename_field', collection: 'users', data: { old_name: 'age', new_name: 'years' } } as const;
    await database.up(operation);
    await released;
    other.destroy();
    expect((await database.sql("SHOW COLUMNS FROM users LIKE 'years'")).length).toBe(1);
  });
});

describe.each(servers)('names on %s', (name) => {
  it('are only names, whatever is in them', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE b (id int PRIMARY KEY)');
    const odd = 'a"; drop table b; -- `\'';
    const field = 'x`y\'z"; --';
    await database.up(
      {
        type: 'create_collection',
        collection: odd,
        data: { fields: [{ name: 'id', type: 'int64', nullable: false }], key: ['id'] },
      },
      { type: 'add_field', collection: odd, data: { field_name: field, type: 'text' } },
      { type: 'load', collection: odd, data: { rows: [{ id: 1, [field]: "'; drop table b; --\\" }], key: ['id'] } },
      {
        type: 'migrate_data',
        collection: odd,
        conditions: { [field]: "'; drop table b; --\\" },
        data: { pipeline: [{ $set: { [field]: { $concat: [`$${field}`, "'\\"] } } }] },
      },
      { type: 'create_index', collection: odd, data: { name: 'i`x', keys: { [field]: 1 }, where: { id: { gt: 0 } } } },
    );
    expect(await database.session.count(odd, { [field]: "'; drop table b; --\\'\\" })).toBe(1);
    expect(await database.session.count('b')).toBe(0);
  });
});
