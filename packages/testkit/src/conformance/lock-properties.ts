import { type Adapter, Lease, type LockHolder } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import type { ConformanceServer } from './options.ts';
import { SharedStage } from './shared-stage.ts';
import { Stage } from './stage.ts';

const holder = (id: string): LockHolder => ({ id, host: 'host', pid: 7, command: 'up' });

/** A stage whose journal, and with it the place for locks, exists. */
async function ready(adapter: Adapter, server: ConformanceServer): Promise<Stage> {
  const stage = await Stage.empty(adapter, server);
  await stage.session.journal.ensure();
  return stage;
}

/** The lock has one holder, ends with its lease, and its token only ever grows. */
export function lockProperties(adapter: Adapter, server: ConformanceServer): void {
  describe('lock', () => {
    const shared = SharedStage.ofGroup(() => ready(adapter, server));

    it('has exactly one holder when many ask at once, for a lock that never was held before too', () =>
      shared.use(async (stage, nth) => {
        const others = await Promise.all([stage.connectAgain(), stage.connectAgain()]);
        try {
          // Two must meet within a statement for a store to answer wrongly, and a lock is new only once: so many are asked for.
          for (let round = 0; round < 30; round++) {
            const asked = Array.from({ length: 12 }, (_, index) =>
              [stage.session, ...others][index % 3]!.locks.acquire(`l${nth}_${round}`, holder(`h${index}`), 30_000),
            );
            const results = await Promise.all(asked);
            const winner = results.findIndex((result) => result.acquired);
            expect(results.filter((result) => result.acquired)).toHaveLength(1);
            for (const result of results) if (!result.acquired) expect(result.current.holder.id).toBe(`h${winner}`);
          }
        } finally {
          await Promise.all(others.map((other) => other.close()));
        }
      }));

    it('is free after release, and the token has grown', () =>
      shared.use(async (stage, nth) => {
        const name = `l${nth}`;
        const { locks } = stage.session;
        const tokens: number[] = [];
        for (const id of ['a', 'b', 'c']) {
          const result = await locks.acquire(name, holder(id), 30_000);
          if (!result.acquired) throw new Error(`${id} did not get a free lock`);
          tokens.push(result.token);
          expect(await locks.release(name, result.token)).toBe(true);
          expect(await locks.read(name)).toBeUndefined();
        }
        expect(tokens[1]).toBeGreaterThan(tokens[0]!);
        expect(tokens[2]).toBeGreaterThan(tokens[1]!);
      }));

    it('is taken over when its lease has ended, and never before', () =>
      shared.use(async (stage, nth) => {
        const name = `l${nth}`;
        const { locks } = stage.session;
        const first = await locks.acquire(name, holder('a'), 400);
        if (!first.acquired) throw new Error('a free lock was not given');
        const early = await locks.acquire(name, holder('b'), 400);
        expect(early).toMatchObject({ acquired: false, current: { holder: holder('a'), token: first.token, expired: false } });
        await new Promise((resolve) => setTimeout(resolve, 600));
        expect(await locks.read(name)).toMatchObject({ expired: true, token: first.token });
        const late = await locks.acquire(name, holder('b'), 30_000);
        if (!late.acquired) throw new Error('the lock of an ended lease was not given');
        expect(late.token).toBeGreaterThan(first.token);
        expect(await locks.renew(name, first.token, 30_000)).toBe(false);
        expect(await locks.release(name, first.token)).toBe(false);
        expect(await locks.read(name)).toMatchObject({ holder: holder('b'), token: late.token });
      }));

    it('lives on by its heartbeat, and a lease that was broken stops its holder before the next write', () =>
      shared.use(async (stage, nth) => {
        const name = `l${nth}`;
        await using other = await stage.connectAgain();
        await using lease = await Lease.acquire(stage.session.locks, name, { command: 'up', ttl_ms: 600 });
        await new Promise((resolve) => setTimeout(resolve, 1300));
        await expect(Lease.acquire(other.locks, name, { command: 'down', ttl_ms: 600 })).rejects.toMatchObject({
          code: 'LOCKED',
        });
        await lease.guard();
        const broken = await other.locks.breakLock(name);
        expect(broken?.holder.command).toBe('up');
        await using next = await Lease.acquire(other.locks, name, { command: 'down', ttl_ms: 600 });
        await new Promise((resolve) => setTimeout(resolve, 700));
        await expect(lease.guard()).rejects.toMatchObject({ code: 'LEASE_LOST' });
        await next.guard();
        expect(lease.signal.aborted).toBe(true);
      }));

    it('knows each lock by its own name', () =>
      shared.use(async (stage) => {
        const { locks } = stage.session;
        for (const name of ['a', 'etl:users', `odd '"$. name`])
          expect((await locks.acquire(name, holder(name), 30_000)).acquired, name).toBe(true);
        expect((await locks.read(`odd '"$. name`))?.name).toBe(`odd '"$. name`);
      }));
  });
}
