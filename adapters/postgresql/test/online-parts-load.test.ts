import { down, finalize, up, verify } from '@polyshift/core';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { asideObjects, failed, migrationOf, testDatabase } from './harness.ts';

const setUp = `
CREATE TABLE users (id integer PRIMARY KEY, mail text, street text, visits integer DEFAULT 0, calls integer DEFAULT 0);
CREATE TABLE profiles (user_id integer PRIMARY KEY REFERENCES users ON DELETE CASCADE, bio text, likes integer, views integer);
INSERT INTO users SELECT g, 'u' || g, CASE WHEN g % 2 = 0 THEN 's' || g END, CASE WHEN g % 2 = 0 THEN 0 END, CASE WHEN g % 2 = 0 THEN 0 END FROM generate_series(1, 4000) AS g;
INSERT INTO profiles SELECT g, 'b' || g, 0, 0 FROM generate_series(1, 4000) AS g WHERE g % 3 = 0 OR g <= 20`;

/** Rows of everybody: each version counts in fields of its own. */
const shared = [2, 4, 6, 8];
const pick = (list: readonly number[]): number => list[Math.floor(Math.random() * list.length)]!;

/** What writers have been told that is written. */
class Writer {
  readonly expected = new Map<number, { street: string | null; bio: string | null }>();
  readonly counted = { users: 0, profiles: 0 };
  readonly failures: string[] = [];
  writes = 0;
  private running = true;
  private loop: Promise<void> | undefined;
  private readonly url: string;
  private readonly version: 'old' | 'new';
  private readonly base: number;

  constructor(url: string, version: 'old' | 'new', base: number) {
    this.url = url;
    this.version = version;
    this.base = base;
  }

  async start(): Promise<void> {
    const client = new Client({ connectionString: this.url });
    client.on('error', () => {});
    await client.connect();
    if (this.version === 'new') await client.query('SET search_path = public_0002, public');
    this.loop = (async () => {
      for (let turn = 0; this.running; turn++) {
        await this.turn(client, turn).catch(async (error: Error) => {
          this.failures.push(`${this.version} ${turn}: ${error.message}`);
          await client.query('ROLLBACK').catch(() => undefined);
        });
        await new Promise((resolve) => setTimeout(resolve, 4));
      }
      await client.end();
    })();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
  }

  private async turn(client: Client, turn: number): Promise<void> {
    const own = this.base + (turn % 40);
    const value = `${this.version} ${turn}`;
    this.writes++;
    if (turn % 4 === 0) {
      const id = pick(shared);
      const table = this.version === 'old' ? 'users' : 'addresses';
      const [key, field] = this.version === 'old' ? ['id', 'visits'] : ['user_id', 'calls'];
      await client.query(`UPDATE ${table} SET ${field} = ${field} + 1 WHERE ${key} = ${id}`);
      this.counted.users++;
      return;
    }
    if (turn % 4 === 1) {
      const id = pick(shared);
      const text =
        this.version === 'old'
          ? `UPDATE profiles SET likes = likes + 1 WHERE user_id = ${id}`
          : `UPDATE users SET views = views + 1 WHERE id = ${id}`;
      await client.query(text);
      this.counted.profiles++;
      return;
    }
    const known = this.expected.get(own);
    if (known === undefined) {
      await client.query('BEGIN');
      if (this.version === 'old') {
        await client.query(`INSERT INTO users (id, mail, street) VALUES (${own}, 'm', '${value}')`);
        await client.query(`INSERT INTO profiles (user_id, bio) VALUES (${own}, '${value}')`);
      } else {
        await client.query(`INSERT INTO users (id, mail, bio) VALUES (${own}, 'm', '${value}')`);
        await client.query(`INSERT INTO addresses (user_id, street) VALUES (${own}, '${value}')`);
      }
      await client.query('COMMIT');
      this.expected.set(own, { street: value, bio: value });
    } else if (turn % 7 === 0) {
      await client.query(
        `BEGIN; ${this.version === 'new' ? `DELETE FROM addresses WHERE user_id = ${own};` : ''} DELETE FROM users WHERE id = ${own}; COMMIT`,
      );
      this.expected.delete(own);
    } else if (turn % 2 === 0) {
      const [table, key] = this.version === 'old' ? ['users', 'id'] : ['addresses', 'user_id'];
      await client.query(`UPDATE ${table} SET street = '${value}' WHERE ${key} = ${own}`);
      known.street = value;
    } else {
      const [table, key] = this.version === 'old' ? ['profiles', 'user_id'] : ['users', 'id'];
      await client.query(`UPDATE ${table} SET bio = '${value}' WHERE ${key} = ${own}`);
      known.bio = value;
    }
  }
}

describe('applications of both versions at once', () => {
  it.each(['finalize', 'down'])(
    'lose no write of a split and a merge, to the end by %s',
    async (end) => {
      await using database = await testDatabase(setUp);
      const data = {
        operations: [{ type: 'add_field', data: { field_name: 'extra', type: 'text' } }],
        split: [{ into: 'addresses', fields: ['street', 'visits', 'calls'], key: ['user_id'] }],
        merge: [{ from: 'profiles' }],
      };
      const runner = {
        session: database.session,
        migrations: [migrationOf('0002', [{ type: 'online_change', collection: 'users', data, batch_size: 300 } as never])],
      };
      const oldOnes = [10_000, 20_000, 30_000].map((base) => new Writer(database.url, 'old', base));
      const newOnes = [40_000, 50_000, 60_000].map((base) => new Writer(database.url, 'new', base));
      for (const each of oldOnes) await each.start();
      await up(runner);
      for (const each of newOnes) await each.start();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      expect(failed((await verify(runner)).checks)).toEqual([]);
      await Promise.all((end === 'finalize' ? oldOnes : newOnes).map((each) => each.stop()));
      if (end === 'finalize') await finalize(runner, { version: '0002', old_version_ended: true });
      else await down(runner);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const all = [...oldOnes, ...newOnes];
      await Promise.all(all.map((each) => each.stop()));
      expect(all.flatMap(({ failures }) => failures)).toEqual([]);
      const part = end === 'finalize' ? 'addresses' : 'profiles';
      const rows = await database.sql(
        `SELECT id, street, bio FROM public.users LEFT JOIN ${part} ON user_id = id WHERE id >= 10000 ORDER BY id`,
      );
      const expected = all.flatMap((each) => [...each.expected].map(([id, values]) => ({ id, ...values })));
      expect(rows).toEqual(expected.sort((left, right) => left.id - right.id));
      const sums = await database.sql(
        `SELECT sum(visits)::int AS visits, sum(calls)::int AS calls, sum(likes)::int AS likes, sum(views)::int AS views FROM public.users LEFT JOIN ${part} ON user_id = id WHERE id IN (${shared})`,
      );
      const total = (writers: readonly Writer[], what: 'users' | 'profiles'): number =>
        writers.reduce((sum, { counted }) => sum + counted[what], 0);
      expect(sums).toEqual([
        {
          visits: total(oldOnes, 'users'),
          calls: total(newOnes, 'users'),
          likes: total(oldOnes, 'profiles'),
          views: total(newOnes, 'profiles'),
        },
      ]);
      process.stdout.write(`${end}: ${all.reduce((sum, { writes }) => sum + writes, 0)} writes\n`);
      expect(await asideObjects(database)).toEqual([]);
    },
    180_000,
  );
});
