import { migrationLock, type StoreSession } from '@polyshift/core';

/** What a severed session throws: not an error of polyshift, so that nothing mistakes it for one that can be handled. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/**
 * A session that can be severed in the middle of a run, as a killed process is: from then on nothing it is asked for reaches the
 * store, so that no clean-up of the runner can help. The lock stays behind, as after a real kill.
 */
export function severable(session: StoreSession): { session: StoreSession; sever(): void } {
  let severed = false;
  const wrap = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value === 'function') {
          return (...parameters: unknown[]) => {
            if (severed) throw new Killed('the process is gone');
            return (value as (...all: unknown[]) => unknown).apply(target, parameters);
          };
        }
        return typeof value === 'object' && value !== null && wrapped.has(property) ? wrap(value) : value;
      },
    });
  const wrapped = new Set<PropertyKey>(['operations', 'journal', 'locks', 'sink', 'source', ...Object.keys(session.operations)]);
  return {
    session: wrap(session),
    sever() {
      severed = true;
    },
  };
}

/**
 * Breaks the lock of a migration that was killed between two writes, of which nothing is on its way any more. Its lease would end by itself, as the
 * lock's own properties show, and `unlock` waits until a holder has noticed: here nobody needs either.
 */
export async function breakDeadLock(session: StoreSession): Promise<void> {
  if ((await session.journal.format()) !== undefined) await session.locks.breakLock(migrationLock);
}
