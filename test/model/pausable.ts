import type { RunnerOptions, StoreSession } from '@polyshift/core';

/** A run that can be paused. */
export interface Pausable {
  /** What the run is to be given. */
  readonly options: Pick<RunnerOptions, 'session' | 'fault'>;
  /** Whether it has been paused. */
  readonly reached: boolean;
  /** The name of the place where it was. */
  readonly place: string | undefined;
  /** Resolves when what happened meanwhile is over: a run may end before that, since its heartbeat gets no answer. */
  settled(): Promise<void>;
}

/**
 * Pauses a run at the nth place that it passes, as a process is that the system does not let run for a while: `meanwhile` happens before it goes
 * on, and a heartbeat that comes in between reaches the store afterwards.
 */
export function pausable(session: StoreSession, nth: number, meanwhile: () => Promise<void>): Pausable {
  let passed = 0;
  let place: string | undefined;
  let pause: Promise<void> | undefined;
  let happened: Promise<void> | undefined;
  const locks = new Proxy(session.locks, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      if (property !== 'renew') return value.bind(target) as unknown;
      return async (...parameters: unknown[]) => {
        await pause?.catch(() => undefined);
        return (value as (...all: unknown[]) => unknown).apply(target, parameters);
      };
    },
  });
  const paused: StoreSession = new Proxy(session, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property === 'locks') return locks;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return {
    options: {
      session: paused,
      fault: async (passing) => {
        if (++passed !== nth) return;
        place = passing;
        pause = meanwhile();
        happened = pause;
        try {
          await pause;
        } catch (cause) {
          // No error of the run: whoever looks at its code must not take it for one.
          throw new Error(`what happened while the run was paused at ${passing} has failed: ${String(cause)}`, { cause });
        } finally {
          pause = undefined;
        }
      },
    },
    async settled() {
      await happened?.catch(() => undefined);
    },
    get reached() {
      return place !== undefined;
    },
    get place() {
      return place;
    },
  };
}
