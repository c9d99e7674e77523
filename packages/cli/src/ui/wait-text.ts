import type { ThrottleWait } from '@polyshift/core';
import { durationText } from './quantities.ts';

/** Why work waits, for the end of its line: `waits for 12.0 s: replica lag 7.2 s > 5 s`; undefined once it goes on. */
export function waitText({ waiting, reason, waited_ms }: ThrottleWait): string | undefined {
  if (!waiting) return undefined;
  return waited_ms < 1000 ? `waits: ${reason}` : `waits for ${durationText(waited_ms)}: ${reason}`;
}
