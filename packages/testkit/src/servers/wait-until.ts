import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tries something again until it works, for servers that do not say when they are ready.
 * @param attempt What must work.
 * @param timeout Milliseconds before giving up. Default 30,000.
 * @throws what the last attempt threw.
 */
export async function waitUntil<T>(attempt: () => Promise<T>, timeout = 30_000): Promise<T> {
  const deadline = Date.now() + timeout;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
