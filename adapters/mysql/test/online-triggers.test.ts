import { setTimeout as pause } from 'node:timers/promises';
import { down, finalize, up } from '@polyshift/core';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { killedAt } from './killed-at.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const create = 'CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20), mail varchar(40), age int)';
const audit = 'CREATE TABLE audit (n int AUTO_INCREMENT PRIMARY KEY, what varchar(80))';
const note = (what: string): string => `INSERT INTO audit (what) VALUES (CONCAT('${what} ', `;
const triggers = [
  "SET sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES', character_set_client = latin1, collation_connection = latin1_swedish_ci",
  'CREATE TRIGGER tidy BEFORE INSERT ON\n  users FOR EACH ROW   SET NEW."mail" = LOWER(NEW.mail) /* as it was */',
  "SET sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES'",
  'SET NAMES utf8mb4',
  'CREATE TRIGGER tidy_too BEFORE UPDATE ON users FOR EACH ROW SET NEW.mail = LOWER(NEW.mail)',
  `CREATE TRIGGER second AFTER INSERT ON users FOR EACH ROW second: BEGIN DECLARE text varchar(80); SET text = NEW.mail; ${note('second')}text)); END second`,
  `CREATE TRIGGER first AFTER INSERT ON users FOR EACH ROW PRECEDES second ${note('first')}NEW.mail)) -- é`,
  `CREATE TRIGGER changed AFTER UPDATE ON users FOR EACH ROW ${note('changed')}OLD.mail, '>', NEW.mail))`,
  `CREATE TRIGGER gone AFTER DELETE ON users FOR EACH ROW BEGIN IF OLD.age = 99 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'stays'; END IF; ${note('gone')}OLD.mail)); END`,
];
const made = [create, audit, ...triggers, "INSERT INTO users (name, mail, age) VALUES ('a', 'A@x', 1), ('b', 'B@x', 99)"];

/** Everything of the triggers of a table but when they were created. */
async function shown(stage: TwoVersionsStage, table = 'users'): Promise<unknown[]> {
  const rows = await stage.sql(
    `SELECT trigger_name, action_order FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_object_table = '${table}'
     ORDER BY event_manipulation, action_timing, action_order`,
  );
  const all: unknown[] = [];
  for (const [name, order] of rows) all.push([order, ...(await stage.sql(`SHOW CREATE TRIGGER \`${name}\``))[0]!.slice(0, 6)]);
  return all;
}

async function heard(stage: TwoVersionsStage): Promise<string[]> {
  const rows = await stage.sql('SELECT what FROM audit ORDER BY n');
  await stage.sql('DELETE FROM audit');
  return rows.map(([what]) => String(what));
}

/** Writes of every kind to a table, and what its triggers must say to them. */
async function write(stage: TwoVersionsStage, table: string, label: string): Promise<void> {
  await stage.sql(
    'DELETE FROM audit',
    `INSERT INTO ${table} (${label}, mail) VALUES ('x', 'X@${table}'), ('y', 'Y@x')`,
    `UPDATE ${table} SET mail = 'Z@X' WHERE mail = 'y@x'`,
    `INSERT INTO ${table} (id, ${label}, mail) VALUES (1, 'a', 'Q') ON DUPLICATE KEY UPDATE ${label} = 'aa'`,
    `DELETE FROM ${table} WHERE mail IN ('z@x', 'x@${table}')`,
  );
  expect((await heard(stage)).sort()).toEqual(
    [
      `first x@${table}`,
      `second x@${table}`,
      'first y@x',
      'second y@x',
      'changed y@x>z@x',
      'changed a@x>a@x',
      `gone x@${table}`,
      'gone z@x',
    ].sort(),
  );
  await expect(stage.sql(`DELETE FROM ${table} WHERE age = 99`)).rejects.toMatchObject({ errno: 1644 });
  expect(await heard(stage)).toEqual([]);
}

describe.each(servers)('triggers of the user in an online change on %s', { timeout: 120_000 }, (name) => {
  it('fire once, for the table that is written to, and are what they were after it', async () => {
    await using stage = await TwoVersionsStage.on(name, made, { operations: [renamed] });
    const before = await shown(stage);
    expect(before).toHaveLength(6);
    await stage.sql('DELETE FROM audit');
    await stage.up();
    expect(await heard(stage)).toEqual([]);
    await write(stage, 'users', 'name');
    await write(stage, 'users__v1', 'label');
    expect(await stage.problems()).toEqual([]);
    await stage.down();
    expect(await shown(stage)).toEqual(before);
    await write(stage, 'users', 'name');

    await stage.up();
    await stage.finalize();
    expect(await shown(stage)).toEqual(before);
    await write(stage, 'users', 'label');
    await write(stage, 'users__v1', 'label');
    expect(await stage.sql('SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE()')).toEqual([[6]]);
  });

  const body = (text: string): string => `CREATE TRIGGER mine AFTER UPDATE ON users FOR EACH ROW ${text}`;
  const refusals = [
    {
      trigger: body('SET @x = NEW.name'),
      operations: [renamed],
      message: /mine of users names the field name, which rename_field/,
    },
    {
      trigger: body('SET @x = old . `age`'),
      operations: [{ type: 'remove_field', data: { field_name: 'age' } }],
      message: /mine of users names the field age, which remove_field/,
    },
    {
      trigger: body('BEGIN IF NEW.age > 1 THEN SET @x = 1; END IF; END'),
      operations: [
        { type: 'rename_field', data: { old_name: 'name', new_name: 'label' } },
        { type: 'change_type', data: { field_name: 'age', to: 'int64' } },
      ],
      message: /mine of users names the field age, which change_type/,
    },
    {
      trigger: body('SET @x = (SELECT COUNT(*) FROM users)'),
      operations: [renamed],
      message: /mine of users names users itself/,
    },
  ];
  it.each(refusals)('are refused where they would not fit: $message', async ({ trigger, operations, message }) => {
    await using stage = await TwoVersionsStage.on(name, [create, trigger], { operations });
    const before = await shown(stage);
    await expect(stage.up()).rejects.toMatchObject({ code: 'CHECK_FAILED', message: expect.stringMatching(message) });
    expect(await shown(stage)).toEqual(before);
    expect(await stage.sql("SHOW TABLES LIKE 'users\\_%'")).toEqual([]);
  });

  it('see nothing of a refused write that is tried again', async () => {
    await using stage = await TwoVersionsStage.on(name, made, {
      operations: [
        renamed,
        { type: 'add_constraint', data: { name: 'short', constraint: { kind: 'check', expression: "label <> 'bad'" } } },
      ],
    });
    await stage.up();
    await stage.sql("UPDATE users SET name = 'bad' WHERE id = 1", 'DELETE FROM audit');
    await expect(stage.finalize()).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    expect(await heard(stage)).toEqual([]);
    await stage.sql("UPDATE users SET name = 'good' WHERE id = 1");
    await stage.finalize();
    expect(await heard(stage)).toEqual(['changed a@x>a@x']);
  });

  it('that come or go while two versions are in use hold finalize up', async () => {
    await using stage = await TwoVersionsStage.on(name, made, { operations: [renamed] });
    await stage.up();
    await stage.sql('CREATE TRIGGER late AFTER UPDATE ON users FOR EACH ROW SET @late = 1');
    const problem = async (): Promise<string | undefined> =>
      (await stage.problems()).find(({ check }) => check === 'two_versions')?.message;
    expect(await problem()).toMatch(/late/);
    await expect(stage.finalize()).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    await stage.sql('DROP TRIGGER late', 'DROP TRIGGER changed');
    expect(await problem()).toMatch(/changed/);
    await stage.down();
    expect(await stage.sql("SHOW TRIGGERS WHERE `Trigger` IN ('changed', 'late')")).toEqual([]);
    expect(await shown(stage)).toHaveLength(5);
  });

  const replaced = name === 'mysql' ? ['user_trigger_dropped'] : [];
  it.each(['trigger_copied', ...replaced, 'user_trigger_created'])('are whole again when up is killed at %s', async (place) => {
    await using stage = await TwoVersionsStage.on(name, made, { operations: [renamed] });
    const before = await shown(stage);
    for (const further of [false, true]) {
      expect(await killedAt(stage, place, (runner) => up(runner))).toBe(`online_change.${place}`);
      if (further) {
        await stage.up();
        await write(stage, 'users', 'name');
        await write(stage, 'users__v1', 'label');
      }
      await stage.down();
      expect(await shown(stage), String(further)).toEqual(before);
    }
    await write(stage, 'users', 'name');
  });

  it.each([...replaced, 'user_trigger_created'])('are whole again when down is killed at %s', async (place) => {
    await using stage = await TwoVersionsStage.on(name, made, { operations: [renamed] });
    const before = await shown(stage);
    await stage.up();
    expect(await killedAt(stage, place, (runner) => down(runner))).toBe(`online_change.${place}`);
    await stage.down();
    expect(await shown(stage)).toEqual(before);
    await write(stage, 'users', 'name');
  });

  it.each(['old_triggers_dropped', 'user_trigger_dropped', 'user_trigger_created'])(
    'are whole again when finalize is killed at %s',
    async (place) => {
      await using stage = await TwoVersionsStage.on(name, made, { operations: [renamed] });
      const before = await shown(stage);
      await stage.up();
      const at = await killedAt(stage, place, (runner) => finalize(runner, { version: '1', old_version_ended: true }));
      expect(at).toBe(`online_change.${place}`);
      await stage.finalize();
      expect(await shown(stage)).toEqual(before);
      await write(stage, 'users', 'label');
    },
  );

  it('miss no write, and hear none twice, while applications write through all of it', async () => {
    await using stage = await TwoVersionsStage.on(name, made, { operations: [renamed] });
    await stage.sql('DELETE FROM audit');
    let table = 'users';
    let stopped = false;
    let count = 0;
    const lines = [0, 1, 2].map(async (line) => {
      const connection = await createConnection({ uri: stage.database.url });
      try {
        for (let turn = 0; !stopped; turn++) {
          try {
            await connection.query(`INSERT INTO ${table} (mail) VALUES ('W${line}-${turn}')`);
            count++;
          } catch (error) {
            // One that is told to start again has not been made.
            if ((error as { errno?: number }).errno !== 1213) throw error;
          }
          await pause(3);
        }
      } finally {
        await connection.end();
      }
    });
    await pause(100);
    await stage.up();
    await pause(100);
    table = 'users__v1';
    await pause(100);
    await stage.finalize();
    await pause(100);
    stopped = true;
    await Promise.all(lines);
    expect(count).toBeGreaterThan(50);
    expect(await stage.sql("SELECT COUNT(*) FROM users WHERE mail LIKE 'w%'")).toEqual([[count]]);
    for (const what of ['first', 'second']) {
      const sql = `SELECT COUNT(*), COUNT(DISTINCT what) FROM audit WHERE what LIKE '${what} w%'`;
      expect(await stage.sql(sql)).toEqual([[count, count]]);
    }
  });
});
