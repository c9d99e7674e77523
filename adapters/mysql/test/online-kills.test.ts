import { down, finalize, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { killedAt } from './killed-at.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const sql = [
  'CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20), age varchar(10))',
  "INSERT INTO users VALUES (1, 'a', '01'), (2, NULL, NULL), (3, 'c', '3')",
];
const change = { operations: [renamed, { type: 'change_type', data: { field_name: 'age', to: 'int32' } }], batch_size: 2 };
const copied = [
  [1, 'a', 1],
  [2, null, null],
  [3, 'c', 3],
];

/** Both applications write whenever the run has stopped: none may fail, whatever is there of the new version. */
async function applicationsWrite(stage: TwoVersionsStage, tables: readonly string[], place: string): Promise<void> {
  for (const table of tables) {
    const label = (await stage.sql(`SHOW COLUMNS FROM ${table} LIKE 'label'`)).length > 0 ? 'label' : 'name';
    try {
      await stage.sql(`INSERT INTO ${table} (id, ${label}, age) VALUES (50, 'w', 5)`);
      await stage.sql(`UPDATE ${table} SET age = 6 WHERE id = 50`, `DELETE FROM ${table} WHERE id = 50`);
    } catch (error) {
      throw new Error(`a write to ${table} failed after a kill at ${place}`, { cause: error });
    }
  }
}

describe.each(servers)('an online change that is killed on %s', { timeout: 300_000 }, (name) => {
  it('on its way up is gone on with, or taken back, and the application writes meanwhile', async () => {
    await using stage = await TwoVersionsStage.on(name, sql, change);
    const before = await stage.database.session.fingerprint('users');
    const seen = new Set<string>();
    for (let place = 0; ; place++) {
      const at = await killedAt(stage, place, (runner) => up(runner));
      if (at === undefined) break;
      seen.add(at);
      await applicationsWrite(stage, ['users'], at);
      if (place % 2 === 0) {
        await stage.up();
        expect(await stage.problems(), at).toEqual([]);
        expect(await stage.sql('SELECT * FROM users__v1 ORDER BY id'), at).toEqual(copied);
      }
      await stage.down();
      expect(await stage.database.session.fingerprint('users'), at).toEqual(before);
      expect(await stage.sql("SHOW TABLES LIKE 'users%'"), at).toEqual([['users']]);
    }
    for (const place of ['table_created', 'table_made', 'trigger_created', 'rows_locked', 'rows_copied', 'chunk_committed'])
      expect([...seen]).toContain(`online_change.${place}`);
  });

  it('on its way back is taken back to the end', async () => {
    await using stage = await TwoVersionsStage.on(name, sql, change);
    const before = await stage.database.session.fingerprint('users');
    let places = 0;
    for (; ; places++) {
      await stage.up();
      const at = await killedAt(stage, places, (runner) => down(runner));
      await applicationsWrite(stage, ['users'], at ?? 'nowhere');
      if (at !== undefined) await stage.down();
      expect(await stage.database.session.fingerprint('users'), at).toEqual(before);
      if (at === undefined) break;
    }
    expect(places).toBeGreaterThan(6);
  });

  it('in finalize is brought to the end, while the new version is written under both names', async () => {
    const seen: string[] = [];
    for (let place = 0; ; place++) {
      await using stage = await TwoVersionsStage.on(name, sql, change);
      await stage.up();
      const at = await killedAt(stage, place, (runner) => finalize(runner, { version: '1', old_version_ended: true }));
      await applicationsWrite(stage, ['users', 'users__v1'], at ?? 'nowhere');
      await stage.finalize();
      await applicationsWrite(stage, ['users', 'users__v1'], at ?? 'nowhere');
      expect(await stage.sql('SELECT * FROM users ORDER BY id'), at).toEqual(copied);
      expect(await stage.sql('SELECT * FROM users__v1 ORDER BY id'), at).toEqual(copied);
      expect(await stage.sql('SHOW TRIGGERS'), at).toEqual([]);
      expect(await stage.sql("SHOW TABLES LIKE 'polyshift\\_online%'"), at).toEqual([]);
      if (at === undefined) break;
      seen.push(at);
    }
    for (const each of [
      'carrying_back_ended',
      'views_created',
      'put_aside',
      'lasting_view_created',
      'put_in_place',
      'triggers_dropped',
    ])
      expect(seen).toContain(`online_change.${each}`);
  });
});
