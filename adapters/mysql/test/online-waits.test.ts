import { setTimeout as pause } from 'node:timers/promises';
import { up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const sql = [
  'CREATE TABLE users (id int PRIMARY KEY, name varchar(20))',
  "INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c')",
];
const change = { operations: [renamed], batch_size: 2 };

describe.each(servers)('an online change that meets transactions on %s', { timeout: 120_000 }, (name) => {
  it('waits for one that was there before it in short attempts, and says who it is', async () => {
    await using stage = await TwoVersionsStage.on(name, sql, change);
    const other = await stage.database.connect();
    const [[{ id }]] = (await other.query('SELECT CONNECTION_ID() AS id')) as unknown as [[{ id: number }]];
    await other.query('BEGIN');
    await other.query('SELECT * FROM users');
    let longest = 0;
    let ended = false;
    const writing = (async () => {
      while (!ended) {
        const from = performance.now();
        await stage.sql("UPDATE users SET name = 'w' WHERE id = 3");
        longest = Math.max(longest, performance.now() - from);
        await pause(5);
      }
    })();
    const run = up({ ...stage.runner, retries: 0 });
    await expect(run).rejects.toMatchObject({ code: 'STORE_BUSY', message: expect.stringContaining(`session ${id} (`) });
    ended = true;
    await writing;
    expect(longest).toBeLessThan(3000);
    await other.query('COMMIT');
    other.destroy();
    await stage.up();
    expect(await stage.sql('SELECT * FROM users__v1 ORDER BY id')).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'w'],
    ]);
  });

  it.each(['COMMIT', 'ROLLBACK'])('copies rows that somebody holds when they are let go of by %s', async (end) => {
    await using stage = await TwoVersionsStage.on(name, sql, change);
    const other = await stage.database.connect();
    let held = false;
    const run = stage.up(async (place) => {
      if (place !== 'online_change.trigger_created' || held) return;
      // From the first trigger on every transaction is seen; this one begins before rows are copied.
      held = true;
      setTimeout(() => void hold(), 0);
    });
    const hold = async () => {
      for (;;) {
        const triggers = await stage.sql('SHOW TRIGGERS');
        if (triggers.length === 6) break;
        await pause(2);
      }
      await other.query('BEGIN');
      await other.query("UPDATE users SET name = 'written' WHERE id = 2");
      await other.query('DELETE FROM users WHERE id = 1');
      await pause(700);
      await other.query(end);
    };
    await run;
    const rows =
      end === 'COMMIT'
        ? [
            [2, 'written'],
            [3, 'c'],
          ]
        : [
            [1, 'a'],
            [2, 'b'],
            [3, 'c'],
          ];
    for (let turn = 0; turn < 50 && (await stage.sql('SELECT COUNT(*) FROM users'))[0]![0] !== rows.length; turn++)
      await pause(50);
    await pause(800);
    expect(await stage.sql('SELECT * FROM users ORDER BY id')).toEqual(rows);
    expect(await stage.sql('SELECT * FROM users__v1 ORDER BY id')).toEqual(rows);
    expect(await stage.problems()).toEqual([]);
    other.destroy();
  });

  it('carries over the next write of a session whose last one was cut off in the middle', async () => {
    await using stage = await TwoVersionsStage.on(name, sql, change);
    await stage.up();
    const [writer, other] = [await stage.database.connect(), await stage.database.connect()];
    const [[{ id }]] = (await writer.query('SELECT CONNECTION_ID() AS id')) as unknown as [[{ id: number }]];
    await other.query('BEGIN');
    await other.query('SELECT * FROM users__v1 WHERE id = 1 FOR UPDATE');
    const waiting = writer.query("UPDATE users SET name = 'cut off' WHERE id = 1").catch((error: unknown) => error);
    await pause(500);
    await stage.sql(`KILL QUERY ${id}`);
    expect(await waiting).toMatchObject({ errno: 1317 });
    await writer.query('SET innodb_lock_wait_timeout = 1');
    await expect(writer.query("UPDATE users SET name = 'too late' WHERE id = 1")).rejects.toMatchObject({ errno: 1205 });
    await other.query('COMMIT');
    await writer.query("UPDATE users SET name = 'written' WHERE id = 1");
    await writer.query("UPDATE users__v1 SET label = 'by the other' WHERE id = 2");
    const rows = [
      [1, 'written'],
      [2, 'by the other'],
      [3, 'c'],
    ];
    expect(await stage.sql('SELECT * FROM users ORDER BY id')).toEqual(rows);
    expect(await stage.sql('SELECT * FROM users__v1 ORDER BY id')).toEqual(rows);
    expect(await stage.problems()).toEqual([]);
    writer.destroy();
    other.destroy();
  });

  it('is finalized in short attempts behind a transaction, and loses none of its writes', async () => {
    await using stage = await TwoVersionsStage.on(name, sql, change);
    await stage.up();
    const other = await stage.database.connect();
    await other.query('BEGIN');
    await other.query('SELECT * FROM users__v1');
    const finalizing = stage.finalize();
    await pause(1500);
    // It holds the new version alone, and now takes the old one too: nobody may become the victim of a deadlock.
    await other.query("INSERT INTO users__v1 VALUES (4, 'late')");
    await pause(300);
    await other.query('COMMIT');
    await finalizing;
    await other.query("INSERT INTO users__v1 VALUES (5, 'later')");
    expect(await stage.sql('SELECT * FROM users ORDER BY id')).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'late'],
      [5, 'later'],
    ]);
    other.destroy();
  });
});
