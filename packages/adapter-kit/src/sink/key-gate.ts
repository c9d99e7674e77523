import { keyText } from '../change/key-text.ts';
import type { KeyedRow } from '../row-store.ts';

/** Keeps writes of the same keys apart within this process: one begins when the other has ended. */
export class KeyGate {
  private readonly busy = new Map<string, Promise<unknown>>();

  /** Does work once nobody else works on one of the keys, and keeps the others waiting until it has ended. */
  async hold<Result>(rows: readonly KeyedRow<unknown>[], work: () => Promise<Result>): Promise<Result> {
    const keys = rows.map(({ key }) => keyText(key));
    for (;;) {
      const others = new Set(keys.flatMap((key) => this.busy.get(key) ?? []));
      if (others.size === 0) break;
      await Promise.allSettled(others);
    }
    // All keys are taken at once, so that no two wait for each other.
    const working = work();
    for (const key of keys) this.busy.set(key, working);
    try {
      return await working;
    } finally {
      for (const key of keys) this.busy.delete(key);
    }
  }
}
