import {
  type Adapter,
  type Column,
  portableColumn,
  type RowBatch,
  type SinkTarget,
  type StoreSession,
  up,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { seedCollection, seedColumns, seedCount } from './seed.ts';
import { SharedStage } from './shared-stage.ts';
import { migration, Stage } from './stage.ts';

/** Rows of this size and less are written whole in the test; what a store holds beyond is not tried. */
const triedBytes = 20 * 1024 * 1024;
const triedRows = 2000;

/** What a store does is what its capabilities say of it, as far as it can be tried. */
export function capabilityProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  const { capabilities } = adapter;
  const key = options.key ?? 'id';

  describe('capabilities', () => {
    const shared = SharedStage.ofGroup(() => Stage.empty(adapter, server));
    const target = (nth: number, columns: readonly Column[]): SinkTarget => ({
      collection: `tried_${nth}`,
      columns,
      dynamic: false,
      key: [key],
      mode: 'insert',
      on_loss: 'nearest',
      aside: `tried_${nth}`,
    });

    it('transactions: as the server itself says on connecting', () =>
      shared.use(async ({ session }) => {
        const found = session.server.features['transactions'];
        if (capabilities.transactions === 'by_server') expect(found).toBeTypeOf('boolean');
        else expect(found ?? false).toBe(capabilities.transactions === 'always');
      }));

    it('fixed_columns: a field that the target does not have is refused, or taken', () =>
      shared.use(async ({ session }, nth) => {
        const columns = [portableColumn(key, { kind: 'int64' }, false), portableColumn('name', { kind: 'text' })];
        await write(session, target(nth, columns), [[1n, 'a']]);
        const more = target(nth, [...columns, portableColumn('extra', { kind: 'text' })]);
        const writing = write(session, { ...more, aside: `more_${nth}` }, [[2n, 'b', 'c']]);
        if (capabilities.fixed_columns)
          await expect(writing).rejects.toMatchObject({ code: expect.stringMatching(/^(UNKNOWN_FIELD|INVALID_DOCUMENT)$/) });
        else expect((await writing).inserted).toBe(1);
      }));

    it('limits: a batch of as many rows as declared is written whole', () =>
      shared.use(async ({ session }, nth) => {
        const columns = [portableColumn(key, { kind: 'int64' }, false), portableColumn('name', { kind: 'text' })];
        const count = Math.min(capabilities.limits.batch_rows, triedRows);
        const rows = Array.from({ length: count }, (_, index) => [BigInt(index), `row ${index}`]);
        expect((await write(session, target(nth, columns), rows)).inserted).toBe(count);
        expect(await session.count(`tried_${nth}`)).toBe(count);
      }));

    if (capabilities.limits.row_bytes <= triedBytes)
      it('limits: a row below the declared size is written, one above it is rejected, and its neighbours are not', () =>
        shared.use(async ({ session }, nth) => {
          const columns = [portableColumn(key, { kind: 'int64' }, false), portableColumn('blob', { kind: 'bytes' })];
          const { row_bytes } = capabilities.limits;
          const below = await write(session, target(nth, columns), [[1n, new Uint8Array(Math.floor(row_bytes * 0.7))]]);
          expect([below.inserted, below.rejected]).toEqual([1, 0]);
          const rows = [
            [2n, new Uint8Array(1)],
            [3n, new Uint8Array(row_bytes + 1)],
            [4n, new Uint8Array(1)],
          ];
          const above = await write(session, { ...target(nth, columns), aside: `above_${nth}` }, rows);
          expect([above.inserted, above.rejected]).toEqual([2, 1]);
        }));

    it('validation: rows that break the schema of a migration are rejected by a load, where there is validation', async () => {
      const { supported } = capabilities.operations.schema_validation;
      expect(supported, 'operations.schema_validation').toBe(capabilities.validation !== 'none');
      if (!supported) return;
      await using stage = await Stage.seeded(adapter, server, options);
      const { session } = stage;
      const schema = { properties: { age: { minimum: 0 } } };
      const operation = { type: 'schema_validation', collection: seedCollection, data: { schema } } as const;
      await up({ session, migrations: [migration('1', [operation])] });
      const into = { ...target(0, seedColumns(key)), collection: seedCollection, aside: 'invalid' };
      const result = await write(session, into, [
        [100_001n, 'right', 'mail', 1, 1.5, 'x'],
        [100_002n, 'wrong', 'mail', -1, 1.5, 'x'],
      ]);
      expect([result.inserted, result.rejected]).toEqual([1, 1]);
      expect(await session.count(seedCollection)).toBe(seedCount + 1);
    });
  });
}

async function write(
  session: StoreSession,
  target: SinkTarget,
  rows: RowBatch['rows'],
): Promise<{ inserted: number; rejected: number }> {
  const { undo } = await session.sink!.plan(target);
  await using writer = await session.sink!.open(target, undo);
  const encoded = writer.encode({ kind: 'rows', columns: target.columns, rows });
  const written = await writer.write(encoded.batch, { replay: false });
  await writer.finish();
  return { inserted: written.inserted, rejected: encoded.rejected.length + written.rejected.length };
}
