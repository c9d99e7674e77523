import {
  type Adapter,
  type AnyOperationInput,
  down,
  finalize,
  type KeptAside,
  planUp,
  type StoreSession,
  status,
  up,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { seedCollection, seedCount, seedRows } from './seed.ts';
import { migration, Stage } from './stage.ts';

/** An operation that keeps rows aside, and how many: a store may keep whole rows of which another one keeps single values. */
interface Keeping {
  readonly operation: AnyOperationInput;
  readonly rows: readonly [least: number, most: number];
}

const adults = seedRows().filter(([, , , age]) => age !== null && (age as number) >= 30).length;
const withLegacy = seedRows().filter((row) => row.at(-1) !== null).length;

const keeping: readonly Keeping[] = [
  {
    operation: {
      type: 'migrate_data',
      collection: seedCollection,
      conditions: { age: { gte: 30 } },
      data: { pipeline: [{ $set: { name: { $concat: ['$name', '!'] } } }] },
      batch_size: 9,
    },
    rows: [adults, adults],
  },
  {
    operation: { type: 'remove_field', collection: seedCollection, data: { field_name: 'legacy' } },
    rows: [withLegacy, seedCount],
  },
  { operation: { type: 'drop_collection', collection: seedCollection, data: {} }, rows: [seedCount, seedCount] },
];

const nothing: KeptAside = { rows: 0, bytes: 0 };

/**
 * What is kept aside is told truly: as much as the operations keep, nothing after they are taken back, nothing after they are final; and a connection that is for
 * looking alone sees and plans the same.
 */
export function keptProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  const { operations } = adapter.capabilities;
  const chosen = keeping.filter(({ operation }) => operations[operation.type].supported);

  describe('what is kept aside', () => {
    it('is counted while it is kept, gone after the way back, and gone when it is final', async () => {
      await using stage = await Stage.seeded(adapter, server, options);
      const { session } = stage;
      const migrations = chosen.map(({ operation }, index) => migration(String(index + 1), [operation]));
      const runner = { session, migrations };
      await up(runner);
      await expectKept(session, chosen);
      const { kept, migrations: lines } = await status(runner);
      expect(kept.rows).toBe(lines.reduce((sum, line) => sum + line.kept!.rows, 0));
      await using looking = await adapter.connect(stage.url, { read_only: true });
      const seen = await status({ session: looking, migrations });
      expect(seen.migrations, 'by a connection that is for looking alone').toEqual(lines);
      await down(runner, { to: '0' });
      const planned = (await planUp({ session: looking, migrations })).migrations;
      expect(planned, 'by a connection that is for looking alone').toEqual((await planUp(runner)).migrations);
      for (const [index] of chosen.entries()) expect(await session.keptAside(`${index + 1}_0`), 'after down').toEqual(nothing);
      await up(runner);
      await expectKept(session, chosen);
      if (session.strayAside) {
        expect(await session.strayAside(chosen.map((_each, index) => `${index + 1}_0`))).toEqual([]);
        expect((await session.strayAside([])).length, 'what belongs to nobody').toBeGreaterThan(0);
      }
      for (const [index] of chosen.entries()) {
        const version = String(index + 1);
        const report = await finalize(runner, { version });
        expect(report.finalized).toMatchObject([{ version, steps: 1, operations: [{ checks: expect.anything() }] }]);
        expect(await session.keptAside(`${version}_0`), `after finalize ${version}`).toEqual(nothing);
        expect((await finalize(runner, { version })).finalized).toMatchObject([{ version, steps: 0 }]);
      }
      if (session.strayAside) expect(await session.strayAside([])).toEqual([]);
    });
  });
}

async function expectKept(session: StoreSession, chosen: readonly Keeping[]): Promise<void> {
  const names = ['nobody_0', ...chosen.map((_each, index) => `${index + 1}_0`)];
  const each: KeptAside[] = [];
  for (const name of names) each.push(await session.keptAside(name));
  expect((await session.keptAsideEach?.(names)) ?? each, 'asked for all at once').toEqual(each);
  for (const [index, { rows, operation }] of chosen.entries()) {
    const kept = await session.keptAside(`${index + 1}_0`);
    expect(kept.rows, operation.type).toBeGreaterThanOrEqual(rows[0]);
    expect(kept.rows, operation.type).toBeLessThanOrEqual(rows[1]);
    if (kept.bytes !== null) expect(kept.bytes, operation.type).toBeGreaterThan(kept.rows);
  }
}
