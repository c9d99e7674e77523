import type { ErrorCode, RunnerOptions, StoreSession } from '@polyshift/core';
import { Killed, severable } from '../../packages/testkit/src/conformance/killed.ts';
import { codeOf } from './command.ts';

/** Where a run dies: at the nth named place that it passes, or before the nth call of its session. */
export interface Death {
  readonly kind: 'place' | 'call';
  readonly nth: number;
}

/** How a run ended: killed, or by itself before the place was reached, with the code of its error. */
export type End = { readonly killed: true } | { readonly killed: false; readonly code: ErrorCode | undefined };

/** Runs a command that dies at a place: from there on nothing that it asks for reaches the store. */
export async function runUntilDeath(
  options: RunnerOptions,
  death: Death,
  run: (options: RunnerOptions) => Promise<unknown>,
): Promise<End> {
  const victim = severable(options.session);
  let [passed, dead] = [0, false];
  const die = () => {
    dead = true;
    victim.sever();
  };
  const mortal: RunnerOptions = {
    ...options,
    session: death.kind === 'place' ? victim.session : counted(victim.session, () => ++passed === death.nth && die()),
    fault: () => {
      if (death.kind !== 'place' || ++passed !== death.nth) return;
      die();
      throw new Killed('the process is gone');
    },
  };
  try {
    const code = await codeOf(run(mortal));
    return dead ? { killed: true } : { killed: false, code };
  } catch (error) {
    if (dead) return { killed: true };
    throw error;
  }
}

/** A session that tells of each call of its journal and its locks before it is made. Heartbeats come by the clock, and do not count. */
function counted(session: StoreSession, onCall: () => unknown): StoreSession {
  const wrap = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function' || property === 'renew') return value;
        return (...parameters: unknown[]) => {
          onCall();
          return (value as (...all: unknown[]) => unknown).apply(target, parameters);
        };
      },
    });
  return new Proxy(session, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      return property === 'journal' || property === 'locks' ? wrap(value as object) : value;
    },
  });
}
