import { setTimeout as pause } from 'node:timers/promises';
import { finalize, follow, status, switchVersions, up } from '@polyshift/core';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { expect, it } from 'vitest';
import { migrationsOf, online } from './online-stage.ts';
import { openStage } from './stage.ts';

/** Writes a second, by all writers of one version together. */
const rate = 150;

/** Writers that wait for their own answers alone. */
const lines = 4;

/** What a writer has had acknowledged of its own keys: the last value of each, undefined for one that it has deleted. */
type Acknowledged = Map<string, number | undefined>;

/** An application: it writes to one collection, with keys of its own, and remembers what was acknowledged. */
class Application {
  readonly acknowledged: Acknowledged = new Map();
  writes = 0;
  readonly failures: string[] = [];
  longestMs = 0;
  private ending = false;
  private running: Promise<unknown> = Promise.resolve();

  private readonly name: string;
  private readonly collection: Collection<Document>;
  private readonly field: string;

  constructor(name: string, collection: Collection<Document>, field: string) {
    this.name = name;
    this.collection = collection;
    this.field = field;
  }

  start(): void {
    this.running = Promise.all(Array.from({ length: lines }, (_, line) => this.write(line)));
  }

  async stop(): Promise<void> {
    this.ending = true;
    await this.running;
  }

  /** One after the other: inserts, updates of what it has inserted, and deletes half of it. */
  private async write(line: number): Promise<void> {
    const begun = performance.now();
    for (let nth = 0; !this.ending; nth++) {
      const wait = begun + (nth * 1000 * lines) / rate - performance.now();
      if (wait > 0) await pause(wait);
      const turn = nth % 5;
      const key = `${this.name}/${line}/${turn < 3 ? nth - turn : nth - 5 - turn}`;
      const startedAt = performance.now();
      try {
        await this.one(key, turn, nth);
        this.writes++;
      } catch (error) {
        this.failures.push(`${key}: ${String(error)}`);
      }
      this.longestMs = Math.max(this.longestMs, performance.now() - startedAt);
    }
  }

  private async one(key: string, turn: number, nth: number): Promise<void> {
    const filter = { _id: key as never };
    if (turn === 0) {
      await this.collection.insertOne({ ...filter, [this.field]: nth, other: 'kept' });
      this.acknowledged.set(key, nth);
    } else if (turn < 4 || nth % 10 === 4) {
      const { matchedCount } = await this.collection.updateOne(filter, { $set: { [this.field]: nth } });
      if (nth >= 5 || turn < 3) this.expectOne(matchedCount);
      if (matchedCount === 1) this.acknowledged.set(key, nth);
    } else {
      const { deletedCount } = await this.collection.deleteOne(filter);
      if (nth >= 5) this.expectOne(deletedCount);
      this.acknowledged.set(key, undefined);
    }
  }

  private expectOne(count: number): void {
    if (count !== 1) throw new Error(`${count} documents were met`);
  }
}

it.each([
  ['by change streams', []],
  ['by comparing', ['change_streams']],
] as const)(
  'no write of either version fails or is lost, through every phase, %s',
  { timeout: 600_000 },
  async (name, without) => {
    await using stage = await openStage([...without]);
    await using client = new MongoClient(stage.url);
    const db = client.db();
    const users = db.collection('users');
    const count = 3000;
    await users.insertMany(Array.from({ length: count }, (_, n) => ({ _id: n as never, mark: n, other: 'kept' })));
    const change = online(
      [
        { type: 'rename_field', data: { old_name: 'mark', new_name: 'sign' } },
        { type: 'change_type', data: { field_name: 'sign', to: 'int64' } },
      ],
      {},
      500,
    );
    const runner = { session: stage.session, migrations: migrationsOf(change) };
    const old = new Application('old', users, 'mark');
    old.start();
    await pause(300);
    await up(runner);
    const settings = (await status(runner)).versions!.collections[0]!.new_version as { collections: Record<string, string> };
    const fresh = db.collection(settings.collections['users']!);
    const next = new Application('new', fresh, 'sign');
    next.start();
    const phases = { both: 0 };
    for (const until = performance.now() + 4000; performance.now() < until; phases.both++) await follow(runner, { once: true });
    await switchVersions(runner, { what: 'reads' });
    await old.stop();
    await switchVersions(runner, { what: 'writes' });
    await finalize(runner, { version: '1' });
    await pause(300);
    await next.stop();

    const found = new Map((await fresh.find({ _id: { $type: 'string' } }).toArray()).map((each) => [String(each._id), each]));
    const lost = [old, next].flatMap(({ acknowledged }) =>
      [...acknowledged]
        .filter(
          ([key, value]) => found.get(key)?.['sign'] !== value || (value !== undefined && found.get(key)?.['other'] !== 'kept'),
        )
        .map(([key, value]) => `${key}: ${value}, found ${JSON.stringify(found.get(key))}`),
    );
    const expected = [old, next].flatMap(({ acknowledged }) =>
      [...acknowledged].filter(([, value]) => value !== undefined),
    ).length;
    const { server } = stage.store;
    process.stderr.write(
      `${server.product}${server.stand_in ? ', which is no genuine one' : ''}, ${name}: ${old.writes} writes of the old version, ${next.writes} of the new one, ` +
        `${old.failures.length + next.failures.length} failed, ${lost.length} lost; the longest took ${Math.round(Math.max(old.longestMs, next.longestMs))} ms; ${phases.both} rounds while both were in use\n`,
    );
    expect([...old.failures, ...next.failures]).toEqual([]);
    expect(lost).toEqual([]);
    expect(found.size).toBe(expected);
    expect(await fresh.countDocuments({ _id: { $not: { $type: 'string' } } as never, sign: { $type: 'long' } })).toBe(count);
    expect(Math.min(old.writes, next.writes)).toBeGreaterThan(50);
  },
);
