import { setTimeout as pause } from 'node:timers/promises';
import { finalize, up, verify } from '@polyshift/core';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { migrationOf, servers } from './harness.ts';
import { killedAt } from './killed-at.ts';
import { onlineChange, renamed, TwoVersionsStage } from './online-harness.ts';

const users = [
  'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), CONSTRAINT positive CHECK (id > 0))',
  "INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c')",
];
const orders = (action: string, named = 'CONSTRAINT of_user'): string[] => [
  `CREATE TABLE orders (id int PRIMARY KEY, user int, note int, ${named} FOREIGN KEY (user) REFERENCES users (id) ${action}, KEY later (note))`,
  'INSERT INTO orders VALUES (10, 1, 0), (20, 2, 0), (21, 2, 0), (30, NULL, 0)',
];
const renamedKey = { type: 'rename_field', data: { old_name: 'id', new_name: 'number' } } as const;

/** What a statement against the key gives, by the action of the key: an error, or the rows of the other table. */
interface Case {
  readonly action: string;
  /** Empty where the server names it. */
  readonly named?: string;
  readonly remove: number | unknown[][];
  readonly move: number | unknown[][];
}

const cases: readonly Case[] = [
  { action: '', named: '', remove: 1451, move: 1451 },
  {
    action: 'ON DELETE CASCADE ON UPDATE CASCADE',
    remove: [
      [20, 2],
      [21, 2],
      [30, null],
    ],
    move: [
      [20, 9],
      [21, 9],
      [30, null],
    ],
  },
  {
    action: 'ON DELETE SET NULL',
    remove: [
      [10, null],
      [20, 2],
      [21, 2],
      [30, null],
    ],
    move: 1451,
  },
];

async function outcome(stage: TwoVersionsStage, statement: string): Promise<unknown> {
  try {
    await stage.sql(statement);
  } catch (error) {
    return (error as { errno?: number }).errno;
  }
  return await stage.sql('SELECT id, user FROM orders ORDER BY id');
}

describe.each(servers)('foreign keys of other tables in an online change on %s', (name) => {
  it.each(cases.map((each) => [each.action || 'without action', each] as const))(
    'that point to the table hold for both versions: %s',
    async (_title, { action, named, remove, move }) => {
      await using stage = await TwoVersionsStage.on(name, [...users, ...orders(action, named)], {
        operations: [renamed, renamedKey],
      });
      const definition = await stage.sql('SHOW CREATE TABLE orders');
      await stage.up();
      expect(await outcome(stage, 'DELETE FROM users__v1 WHERE number = 1')).toEqual(remove);
      expect(await outcome(stage, 'UPDATE users__v1 SET number = 9 WHERE number = 2')).toEqual(move);
      await stage.sql("INSERT INTO users__v1 VALUES (4, 'd')", 'INSERT INTO orders VALUES (40, 4, 0)');
      await expect(stage.sql('INSERT INTO orders VALUES (50, 5, 0)')).rejects.toMatchObject({ errno: 1452 });
      await stage.sql('DELETE FROM orders WHERE id = 40', 'DELETE FROM users WHERE id = 4');
      expect(await stage.problems()).toEqual([]);
      const rows = await stage.sql('SELECT id, user FROM orders ORDER BY id');
      await stage.down();
      expect(await stage.sql('SHOW CREATE TABLE orders')).toEqual(definition);
      expect(await stage.sql('SELECT id, user FROM orders ORDER BY id')).toEqual(rows);

      await stage.sql('DELETE FROM orders', 'DELETE FROM users', ...users.slice(1), ...orders(action).slice(1));
      await stage.up();
      await stage.finalize();
      const text = String(definition[0]![1]).replace('REFERENCES `users` (`id`)', 'REFERENCES `users` (`number`)');
      expect(await stage.sql('SHOW CREATE TABLE orders')).toEqual([['orders', text]]);
      await expect(stage.sql('INSERT INTO orders VALUES (50, 5, 0)')).rejects.toMatchObject({ errno: 1452 });
      expect(await outcome(stage, 'DELETE FROM users WHERE number = 1')).toEqual(remove);
      expect(await outcome(stage, 'UPDATE users SET number = 9 WHERE number = 2')).toEqual(move);
    },
  );

  const misfits = [
    {
      title: 'a column that goes',
      parent: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), code int UNIQUE)',
      column: 'code',
      operations: [{ type: 'remove_field', data: { field_name: 'code' } }],
      message: /of_user of orders .*code.*does not have/,
    },
    {
      title: 'a type that does not fit',
      parent: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20))',
      column: 'id',
      operations: [renamedKey, { type: 'change_type', data: { field_name: 'number', to: 'int64' } }],
      message: /of_user of orders .*id.*it could not/,
    },
    {
      title: 'an index that goes',
      parent: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), code int, UNIQUE KEY one_code (code))',
      column: 'code',
      operations: [{ type: 'drop_constraint', data: { name: 'one_code' } }],
      message: /of_user of orders .*code.*it could not/,
    },
    {
      title: 'values that change',
      parent: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), code int UNIQUE)',
      column: 'code',
      operations: [{ type: 'migrate_data', data: { set: { code: 'code + 1' } } }],
      message: /of_user of orders .*code.*reckons anew/,
    },
  ];
  it.each(misfits.map((each) => [each.title, each] as const))(
    'that point to %s are refused, and nothing is changed',
    async (_title, { parent, column, operations, message }) => {
      const child = `CREATE TABLE orders (id int PRIMARY KEY, user int, CONSTRAINT of_user FOREIGN KEY (user) REFERENCES users (${column}))`;
      await using stage = await TwoVersionsStage.on(name, [parent, child], { operations });
      await expect(stage.up()).rejects.toMatchObject({ code: 'CHECK_FAILED', message: expect.stringMatching(message) });
      expect(await stage.sql("SHOW TABLES LIKE 'users\\_%'")).toEqual([]);
      expect(await stage.sql("SHOW TABLES LIKE 'polyshift\\_trial%'")).toEqual([]);
    },
  );

  it('that point to the table itself hold in both versions, and rows come in any order', async () => {
    await using stage = await TwoVersionsStage.on(
      name,
      [
        'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), boss int, CONSTRAINT of_boss FOREIGN KEY (boss) REFERENCES users (id))',
        "INSERT INTO users VALUES (9, 'top', 9), (1, 'a', 9), (2, 'b', 9), (3, 'c', 2)",
      ],
      { operations: [renamed, renamedKey], batch_size: 1 },
    );
    const definition = await stage.sql('SHOW CREATE TABLE users');
    await stage.up(async (place) => {
      // A row that refers to one which is not copied yet.
      if (place === 'online_change.chunk_committed') await stage.sql("INSERT IGNORE INTO users VALUES (0, 'early', 9)");
    });
    expect(await stage.problems()).toEqual([]);
    for (const [table, key] of [
      ['users', 'id'],
      ['users__v1', 'number'],
    ] as const) {
      await expect(stage.sql(`DELETE FROM ${table} WHERE ${key} = 2`)).rejects.toMatchObject({ errno: 1451 });
      await expect(stage.sql(`INSERT INTO ${table} VALUES (7, 'x', 8)`)).rejects.toMatchObject({ errno: 1452 });
      await stage.sql(`INSERT INTO ${table} VALUES (7, 'x', 3), (8, 'y', 7)`, `DELETE FROM ${table} WHERE ${key} = 8`);
      await stage.sql(`DELETE FROM ${table} WHERE ${key} = 7`);
    }
    expect(await stage.problems()).toEqual([]);
    await stage.down();
    expect(await stage.sql('SHOW CREATE TABLE users')).toEqual(definition);
    await stage.up();
    await stage.finalize();
    expect(String((await stage.sql('SHOW CREATE TABLE users'))[0]![1])).toMatch(
      /CONSTRAINT `of_boss_\w{6}` FOREIGN KEY \(`boss`\) REFERENCES `users` \(`number`\)/,
    );
    await expect(stage.sql('DELETE FROM users WHERE number = 2')).rejects.toMatchObject({ errno: 1451 });
    await expect(stage.sql("INSERT INTO users VALUES (7, 'x', 8)")).rejects.toMatchObject({ errno: 1452 });
  });

  it.each(['keys_kept', 'key_moved', 'carrying_back_ended', 'put_aside', 'put_in_place', 'key_named'])(
    'stand when finalize is killed at %s, and after it as before',
    async (place) => {
      await using stage = await TwoVersionsStage.on(name, [...users, ...orders('ON DELETE CASCADE')], { operations: [renamed] });
      const definition = await stage.sql('SHOW CREATE TABLE orders');
      await stage.up();
      const at = await killedAt(stage, place, (runner) => finalize(runner, { version: '1', old_version_ended: true }));
      expect(at).toBe(`online_change.${place}`);
      await expect(stage.sql('INSERT INTO orders VALUES (50, 5, 0)')).rejects.toMatchObject({ errno: 1452 });
      await stage.sql("INSERT INTO users__v1 VALUES (5, 'e')", 'INSERT INTO orders VALUES (50, 5, 0)');
      await stage.sql('DELETE FROM users__v1 WHERE id = 1');
      await stage.finalize();
      expect(await stage.sql('SHOW CREATE TABLE orders')).toEqual(definition);
      expect(await stage.sql('SELECT id FROM orders ORDER BY id')).toEqual([[20], [21], [30], [50]]);
      await expect(stage.sql('INSERT INTO orders VALUES (60, 6, 0)')).rejects.toMatchObject({ errno: 1452 });
    },
  );

  it('let the new version and its children be written while finalize goes on', { timeout: 120_000 }, async () => {
    await using stage = await TwoVersionsStage.on(name, [...users, ...orders('ON DELETE CASCADE')], { operations: [renamed] });
    await stage.up();
    let stopped = false;
    let restarted = 0;
    const lines = [0, 1].map(async (line) => {
      const connection = await createConnection({ uri: stage.database.url });
      const kept: number[] = [];
      try {
        for (let turn = 0; !stopped; turn++) {
          const key = 1000 + turn * 2 + line;
          // A statement can be told to start again where definitions change, as beside any ALTER.
          const write = async (sql: string): Promise<void> => {
            for (;;) {
              try {
                await connection.query(sql);
                return;
              } catch (error) {
                if ((error as { errno?: number }).errno !== 1213) throw error;
                restarted++;
              }
            }
          };
          await write(`INSERT INTO users__v1 VALUES (${key}, 'w')`);
          await write(`INSERT INTO orders VALUES (${key}, ${key}, 0)`);
          if (turn % 2 === 0) await write(`DELETE FROM users__v1 WHERE id = ${key}`);
          else kept.push(key);
          await pause(2);
        }
        return kept;
      } finally {
        await connection.end();
      }
    });
    await pause(200);
    await stage.finalize();
    await pause(200);
    stopped = true;
    const kept = (await Promise.all(lines)).flat().sort((left, right) => left - right);
    expect(kept.length).toBeGreaterThan(20);
    expect(await stage.sql('SELECT id FROM users WHERE id >= 1000 ORDER BY id')).toEqual(kept.map((key) => [key]));
    expect(await stage.sql('SELECT id FROM orders WHERE id >= 1000 ORDER BY id')).toEqual(kept.map((key) => [key]));
    expect(restarted).toBeLessThanOrEqual(5);
  });

  const teams = [
    'CREATE TABLE teams (id int PRIMARY KEY, title varchar(20))',
    "INSERT INTO teams VALUES (1, 'x'), (2, 'y'), (3, 'z')",
  ];
  const members = (action: string): string[] => [
    `CREATE TABLE users (id int PRIMARY KEY, name varchar(20), team int, CONSTRAINT in_team FOREIGN KEY (team) REFERENCES teams (id) ${action})`,
    "INSERT INTO users VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 2), (4, 'd', NULL), (5, 'e', 3)",
  ];
  const renamedTeam = { type: 'rename_field', data: { old_name: 'team', new_name: 'crew' } } as const;

  it.each([
    {
      action: 'ON DELETE CASCADE ON UPDATE CASCADE',
      rows: [
        [2, 9],
        [3, 9],
        [4, null],
        [5, 3],
      ],
    },
    {
      action: 'ON DELETE SET NULL ON UPDATE CASCADE',
      rows: [
        [1, null],
        [2, 9],
        [3, 9],
        [4, null],
        [5, 3],
      ],
    },
  ])('of the table that act do the same in both versions: $action', async ({ action, rows }) => {
    await using stage = await TwoVersionsStage.on(name, [...teams, ...members(action)], {
      operations: [renamed, renamedTeam],
      batch_size: 1,
    });
    await stage.up(async (place) => {
      // Between two chunks: rows that are copied already, and rows that are not.
      if (place === 'online_change.chunk_committed')
        await stage.sql('DELETE FROM teams WHERE id = 1', 'UPDATE teams SET id = 9 WHERE id = 2');
    });
    expect(await stage.sql('SELECT id, team FROM users ORDER BY id')).toEqual(rows);
    expect(await stage.sql('SELECT id, crew FROM users__v1 ORDER BY id')).toEqual(rows);
    await stage.sql(
      'UPDATE teams SET id = 10 WHERE id = 9',
      'UPDATE teams SET id = 9 WHERE id = 10',
      'DELETE FROM teams WHERE id = 3',
    );
    const left = await stage.sql('SELECT id, team FROM users ORDER BY id');
    expect(left).not.toEqual(rows);
    expect(await stage.sql('SELECT id, crew FROM users__v1 ORDER BY id')).toEqual(left);
    expect(await stage.problems()).toEqual([]);
    await stage.finalize();
    expect(await stage.sql('SELECT id, crew FROM users ORDER BY id')).toEqual(left);
    await stage.sql('DELETE FROM teams');
    expect(await stage.sql('SELECT COUNT(*) FROM users WHERE crew IS NOT NULL')).toEqual([[0]]);
  });

  it.each([
    [{ type: 'remove_field', data: { field_name: 'team' } }, undefined],
    [{ type: 'drop_constraint', data: { name: 'in_team' } }, undefined],
    [{ type: 'migrate_data', data: { set: { name: 'CONCAT(name, team)' } } }, undefined],
    [renamed, { name: 'CONCAT(label, team)' }],
  ] as const)('of the table that act are refused where the versions would differ: %j', async (inner, back) => {
    const change = { operations: [inner], ...(back ? { back } : {}) };
    await using stage = await TwoVersionsStage.on(name, [...teams, ...members('ON DELETE SET NULL')], change);
    await expect(stage.up()).rejects.toMatchObject({ code: 'CHECK_FAILED', message: expect.stringContaining('in_team') });
    expect(await stage.sql("SHOW TABLES LIKE 'users\\_%'")).toEqual([]);
  });

  it('that act and are new, or point to the table itself, are refused', async () => {
    const references = { collection: 'teams', fields: ['id'] };
    const constraint = { kind: 'foreign_key', fields: ['team'], references, on_delete: 'cascade' };
    const [create] = members('');
    await using added = await TwoVersionsStage.on(name, [...teams, create!.replace(/, CONSTRAINT.*/, ')')], {
      operations: [{ type: 'add_constraint', data: { name: 'in_team', constraint } }],
    });
    await expect(added.up()).rejects.toMatchObject({ code: 'CHECK_FAILED', message: expect.stringContaining('in_team') });
    const self =
      'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), boss int, CONSTRAINT of_boss FOREIGN KEY (boss) REFERENCES users (id) ON DELETE CASCADE)';
    await using own = await TwoVersionsStage.on(name, [self], { operations: [renamed] });
    await expect(own.up()).rejects.toMatchObject({ code: 'CHECK_FAILED', message: expect.stringContaining('of_boss') });
  });

  it.each(['teams', 'users'] as const)(
    'between two tables that both have two versions hold in all of them; first %s',
    async (first) => {
      await using stage = await TwoVersionsStage.on(name, [...teams, ...members('ON DELETE CASCADE ON UPDATE CASCADE')], {
        operations: [renamed],
      });
      const changes = {
        users: stage.operation,
        teams: onlineChange({
          collection: 'teams',
          operations: [{ type: 'rename_field', data: { old_name: 'title', new_name: 'motto' } }],
        }),
      };
      const order = first === 'teams' ? [changes.teams, changes.users] : [changes.users, changes.teams];
      const runner = { session: stage.database.session, migrations: [migrationOf(order)] };
      const all = async (): Promise<unknown[][][]> => [
        await stage.sql('SELECT id, team FROM users ORDER BY id'),
        await stage.sql('SELECT id, team FROM users__v1 ORDER BY id'),
      ];
      await up(runner);
      await stage.sql(
        'DELETE FROM teams__v1 WHERE id = 1',
        'UPDATE teams__v1 SET id = 9 WHERE id = 2',
        "INSERT INTO teams__v1 VALUES (7, 'n')",
      );
      await stage.sql(
        "INSERT INTO users__v1 VALUES (6, 'f', 7)",
        "INSERT INTO users VALUES (8, 'h', 7)",
        'DELETE FROM teams WHERE id = 3',
      );
      const rows = [
        [2, 9],
        [3, 9],
        [4, null],
        [6, 7],
        [8, 7],
      ];
      expect(await all()).toEqual([rows, rows]);
      expect((await verify(runner)).checks.filter(({ status }) => status !== 'PASS')).toEqual([]);
      await finalize(runner, { version: '1', old_version_ended: true });
      expect(await all()).toEqual([rows, rows]);
      await expect(stage.sql("INSERT INTO users VALUES (9, 'i', 1)")).rejects.toMatchObject({ errno: 1452 });
      await stage.sql('DELETE FROM teams WHERE id = 9');
      expect(await all()).toEqual([rows.slice(2), rows.slice(2)]);
    },
  );
});
