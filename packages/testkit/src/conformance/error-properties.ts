import { type Adapter, errorEntries, isPolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { Stage } from './stage.ts';

/** Every error that leaves the adapter has a code, and says whether it may pass. */
export function errorProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  describe('errors', () => {
    it('says in time that a server does not answer, without its password', async () => {
      const url = options.unreachable_url;
      const error = await adapter.connect(url, { connect_timeout_ms: 2000 }).then(
        () => 'nothing: it connected',
        (thrown: unknown) => thrown,
      );
      expect(isPolyshiftError(error, 'CONNECTION_FAILED'), `CONNECTION_FAILED was expected, and came ${String(error)}`).toBe(
        true,
      );
      const password = new URL(url).password;
      if (password) expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain(password);
    });

    it('classifies what it has never seen as a failed statement that is not retried', () => {
      expect(adapter.classify(new Error('something new'))).toEqual({ code: 'STATEMENT_FAILED', retryable: false });
    });

    it('gives only codes that exist', () => {
      for (const error of [
        new Error('x'),
        Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
        Object.assign(new Error('x'), { code: 'ETIMEDOUT' }),
      ]) {
        expect(Object.keys(errorEntries)).toContain(adapter.classify(error).code);
      }
      expect(adapter.classify(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))).toEqual({
        code: 'CONNECTION_LOST',
        retryable: true,
      });
    });

    it('throws only its own kind of error once the connection is closed', async () => {
      await using stage = await Stage.empty(adapter, server);
      const session = await stage.connectAgain();
      await session.close();
      await session.close();
      const error = await session.count('items').then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(isPolyshiftError(error), String(error)).toBe(true);
    });
  });
}
