import type { FaultHook } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { TwoVersionsStage } from './online-harness.ts';

const sql = [
  'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), street varchar(200))',
  'CREATE TABLE profiles (user_id int PRIMARY KEY, bio varchar(200), FOREIGN KEY (user_id) REFERENCES users (id))',
  "INSERT INTO users VALUES (1, 'a', ''), (2, 'b', ''), (3, 'c', '')",
  "INSERT INTO profiles VALUES (1, ''), (2, ''), (3, '')",
];

/** The two applications, each of which writes to all of its tables, and counts how often. */
class Applications {
  private readonly stage: TwoVersionsStage;
  writes = 0;

  constructor(stage: TwoVersionsStage) {
    this.stage = stage;
  }

  async old(): Promise<void> {
    const id = 100 + 10 * ++this.writes;
    await this.stage.sql(
      `INSERT INTO users VALUES (${id}, 'w', 's'), (${id + 1}, 'w', NULL)`,
      `INSERT INTO profiles VALUES (${id}, 'p')`,
      `UPDATE users SET street = 't', name = NULL WHERE id = ${id}`,
      `UPDATE profiles SET bio = 'q' WHERE user_id = ${id}`,
      "UPDATE users SET street = CONCAT(street, 'x') WHERE id < 4",
      "UPDATE profiles SET bio = CONCAT(bio, 'x') WHERE user_id < 4",
      `UPDATE users SET id = ${id + 2} WHERE id = ${id + 1}`,
      `DELETE FROM profiles WHERE user_id = ${id}`,
      `DELETE FROM users WHERE id IN (${id}, ${id + 2})`,
    );
  }

  async new(table = 'users__v1'): Promise<void> {
    const id = 100 + 10 * ++this.writes;
    await this.stage.sql(
      `INSERT INTO ${table} (id, name, bio) VALUES (${id}, 'w', 'p'), (${id + 1}, 'w', NULL)`,
      `INSERT INTO addresses VALUES (${id}, 's')`,
      `UPDATE ${table} SET bio = 'q', name = NULL WHERE id = ${id}`,
      `UPDATE addresses SET street = 't' WHERE id = ${id}`,
      `UPDATE ${table} SET bio = CONCAT(bio, 'x') WHERE id < 4`,
      "UPDATE addresses SET street = CONCAT(street, 'x') WHERE id < 4",
      `UPDATE ${table} SET id = ${id + 2} WHERE id = ${id}`,
      `DELETE FROM ${table} WHERE id = ${id + 1}`,
    );
    expect(await this.stage.sql(`SELECT street FROM addresses WHERE id IN (${id}, ${id + 2})`)).toEqual([['t']]);
    await this.stage.sql(`DELETE FROM ${table} WHERE id = ${id + 2}`, `DELETE FROM addresses WHERE id IN (${id}, ${id + 2})`);
  }
}

describe.each(servers)('applications that write between all steps of a split and a merge on %s', { timeout: 120_000 }, (name) => {
  it('see no write fail, and find every one', async () => {
    await using stage = await TwoVersionsStage.on(name, sql, {
      split: [{ into: 'addresses', fields: ['street'] }],
      merge: [{ from: 'profiles' }],
      batch_size: 2,
    });
    const applications = new Applications(stage);
    const seen: string[] = [];
    const between =
      (write: () => Promise<void>): FaultHook =>
      async (place) => {
        // Whoever writes to rows that are being copied waits for the copy.
        if (!place.startsWith('online_change.') || /rows_/.test(place)) return;
        seen.push(place);
        await write();
      };
    await stage.up(between(() => applications.old()));
    await applications.new();
    expect(await stage.problems()).toEqual([]);
    await stage.finalize(between(() => applications.new()));
    await applications.new('users');
    const count = 'x'.repeat(applications.writes);
    expect(
      await stage.sql('SELECT u.id, street, bio FROM users AS u LEFT JOIN addresses AS a ON a.id = u.id ORDER BY 1'),
    ).toEqual([
      [1, count, count],
      [2, count, count],
      [3, count, count],
    ]);
    expect(await stage.sql('SELECT COUNT(*) FROM addresses')).toEqual([[3]]);
    expect(seen.filter((place) => place === 'online_change.carrying_back_ends').length).toBeGreaterThan(6);
  });
});
