import { type Adapter, isPolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { seedCollection } from './seed.ts';
import { Stage } from './stage.ts';

/** A query for checks gives one value, and never writes. */
export function queryProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  describe('query', () => {
    it('gives the first value, null where there is none, and refuses whatever would write', async () => {
      await using stage = await Stage.seeded(adapter, server, options);
      const { session } = stage;
      expect(
        session.query !== undefined,
        'a session that has `query` needs `queries` in the options of the suite, and the other way round',
      ).toBe(options.queries !== undefined);
      if (!session.query || !options.queries) return;
      const { mail, nothing, writes } = options.queries(stage.url);
      expect(await session.query(mail)).toBe('user0@example.test');
      expect(await session.query(nothing)).toBeNull();
      expect(writes.length).toBeGreaterThan(0);
      const before = await session.fingerprint(seedCollection);
      for (const text of [...writes, 'what no store understands']) {
        const outcome = await session.query(text).then(
          (value) => `the value ${JSON.stringify(value)}`,
          (error: unknown) => error,
        );
        expect(isPolyshiftError(outcome), `${text}: an error of polyshift was expected, and came ${String(outcome)}`).toBe(true);
      }
      expect(await session.fingerprint(seedCollection)).toEqual(before);
    });
  });
}
