import { createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

describe.each(servers)('keys of two versions on %s', (name) => {
  it('of several columns may change, also by case alone', async () => {
    const sql = [
      'CREATE TABLE users (a varchar(20) NOT NULL, b int NOT NULL, name varchar(40), PRIMARY KEY (a, b))',
      "INSERT INTO users VALUES ('x', 1, 'one'), ('x', 2, 'two'), ('y', 1, NULL), ('é', 3, 'three')",
    ];
    await using stage = await TwoVersionsStage.on(name, sql, {
      operations: [
        renamed,
        { type: 'rename_field', data: { old_name: 'b', new_name: 'number' } },
        { type: 'change_type', data: { field_name: 'number', to: 'int64' } },
      ],
      batch_size: 2,
    });
    await stage.up();
    await stage.sql(
      "UPDATE users SET a = 'X' WHERE b = 1 AND a = 'x'",
      "UPDATE users__v1 SET number = number + 10 WHERE a = 'x'",
      "UPDATE users SET b = b + 1, name = 'moved' WHERE a = 'y'",
      "DELETE FROM users__v1 WHERE a = 'é'",
      "INSERT INTO users__v1 VALUES ('z', 5000000000, 'too large for the old one')",
    );
    const moved = [
      ['X', 11, 'one'],
      ['x', 12, 'two'],
      ['y', 2, 'moved'],
    ];
    expect(await stage.sql('SELECT * FROM users ORDER BY a, b')).toEqual(moved);
    expect(await stage.sql('SELECT * FROM users__v1 WHERE number < 1000 ORDER BY a, number')).toEqual(moved);
    expect(await stage.problems()).toMatchObject([
      { check: 'no_refused_writes', message: expect.stringContaining('number=5000000000') },
    ]);
    await stage.sql('DELETE FROM users__v1 WHERE number > 1000');
    await stage.finalize();
    expect(await stage.sql('SELECT * FROM users ORDER BY a, number')).toEqual(moved);
  });

  it('are handed out by both, never the same to two, and the application is told its own', async () => {
    const sql = [
      'CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20)) AUTO_INCREMENT = 100',
      "INSERT INTO users (id, name) VALUES (1, 'seed')",
    ];
    await using stage = await TwoVersionsStage.on(name, sql, { operations: [renamed] });
    await stage.up();
    const told = new Map<number, string>();
    await Promise.all(
      Array.from({ length: 8 }, async (_, line) => {
        const connection = await createConnection({ uri: stage.database.url });
        const [table, column] = line % 2 === 0 ? ['users', 'name'] : ['users__v1', 'label'];
        for (let turn = 0; turn < 25; turn++) {
          const text = `${line}/${turn}`;
          const [{ insertId }] = await connection.query<ResultSetHeader>(`INSERT INTO ${table} (${column}) VALUES (?), (?)`, [
            text,
            text,
          ]);
          const [[last]] = await connection.query<RowDataPacket[]>(
            'SELECT LAST_INSERT_ID() AS id, @@auto_increment_increment AS step',
          );
          expect(last).toEqual({ id: insertId, step: 1 });
          expect(told.has(insertId)).toBe(false);
          told.set(insertId, text);
        }
        await connection.end();
      }),
    );
    const rows = await stage.sql('SELECT id, name FROM users ORDER BY id');
    expect(rows).toHaveLength(401);
    expect(await stage.sql('SELECT id, label FROM users__v1 ORDER BY id')).toEqual(rows);
    const byKey = new Map(rows.map(([id, text]) => [id, text]));
    for (const [id, text] of told) expect(byKey.get(id)).toBe(text);
    expect(Math.min(...told.keys())).toBeGreaterThanOrEqual(100);
    expect(await stage.problems()).toEqual([]);
    await stage.finalize();
    await stage.sql("INSERT INTO users__v1 (label) VALUES ('a'), ('b')");
    const [[first], [second]] = (await stage.sql('SELECT id FROM users ORDER BY id DESC LIMIT 2')) as [[number], [number]];
    expect(first - second).toBe(1);
  });

  it.each([
    ["INSERT INTO {} VALUES (1, 'again') ON DUPLICATE KEY UPDATE {name} = 'updated'", "[[1,'updated'],[2,'b']]"],
    [
      "INSERT INTO {} VALUES (3, 'c'), (1, 'again') ON DUPLICATE KEY UPDATE {name} = VALUES({name})",
      "[[1,'again'],[2,'b'],[3,'c']]",
    ],
    ["INSERT IGNORE INTO {} VALUES (1, 'again'), (4, 'd')", "[[1,'a'],[2,'b'],[4,'d']]"],
    ["REPLACE INTO {} VALUES (2, 'replaced'), (5, 'e')", "[[1,'a'],[2,'replaced'],[5,'e']]"],
    ['UPDATE {} SET id = id + 10 ORDER BY id DESC', "[[11,'a'],[12,'b']]"],
    ["UPDATE {} AS t JOIN (SELECT 2 AS id) AS s ON t.id = s.id SET t.{name} = 'joined'", "[[1,'a'],[2,'joined']]"],
    ['DELETE FROM {}', '[]'],
    ['INSERT INTO {} SELECT id + 5, {name} FROM {} AS s', "[[1,'a'],[2,'b'],[6,'a'],[7,'b']]"],
  ])('%s', async (statement, expected) => {
    for (const side of ['old', 'new'] as const) {
      const sql = [
        'CREATE TABLE users (id int PRIMARY KEY, name varchar(20) UNIQUE)',
        "INSERT INTO users VALUES (1, 'a'), (2, 'b')",
      ];
      await using stage = await TwoVersionsStage.on(
        name,
        statement.includes('SELECT id + 5') ? [sql[0]!.replace(' UNIQUE', ''), sql[1]!] : sql,
        {
          operations: [renamed],
        },
      );
      await stage.up();
      const [table, column] = side === 'old' ? ['users', 'name'] : ['users__v1', 'label'];
      await stage.sql(statement.replaceAll('{}', table).replaceAll('{name}', column));
      const rows = JSON.parse(expected.replaceAll("'", '"')) as unknown;
      expect(await stage.sql('SELECT * FROM users ORDER BY id'), side).toEqual(rows);
      expect(await stage.sql('SELECT * FROM users__v1 ORDER BY id'), side).toEqual(rows);
      expect(await stage.problems()).toEqual([]);
    }
  });

  it('stay with a table whose names want quoting', async () => {
    const table = 'we`ird; -- "t\'';
    const quoted = '`we``ird; -- "t\'`';
    const sql = [
      `CREATE TABLE ${quoted} (\`polyshift's key\` int PRIMARY KEY, \`reason\` varchar(20), \`number\` int, \`a\`\`b\` int, name varchar(20))`,
      `INSERT INTO ${quoted} VALUES (1, 'r', 2, 3, 'n'), (2, NULL, NULL, NULL, NULL)`,
    ];
    await using stage = await TwoVersionsStage.on(name, sql, {
      collection: table,
      operations: [renamed, { type: 'rename_field', data: { old_name: 'a`b', new_name: 'side' } }],
    });
    await stage.up();
    const fresh = '`we``ird; -- "t\'__v1`';
    await stage.sql(
      `UPDATE ${fresh} SET side = 5, number = 6, reason = 'x' WHERE \`polyshift's key\` = 2`,
      `UPDATE ${quoted} SET name = 'N' WHERE \`polyshift's key\` = 1`,
      `INSERT INTO ${fresh} VALUES (3, 'a', 1, 2, 'b')`,
    );
    const rows = [
      [1, 'r', 2, 3, 'N'],
      [2, 'x', 6, 5, null],
      [3, 'a', 1, 2, 'b'],
    ];
    for (const each of [quoted, fresh]) expect(await stage.sql(`SELECT * FROM ${each} ORDER BY 1`)).toEqual(rows);
    await stage.finalize();
    for (const each of [quoted, fresh]) expect(await stage.sql(`SELECT * FROM ${each} ORDER BY 1`)).toEqual(rows);
  });
});
