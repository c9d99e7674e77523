import type { Amendment } from '@polyshift/core';
import { timeText } from './quantities.ts';

const words = {
  baseline: 'was there before polyshift and is taken as applied',
  checksum: 'has a changed file, which was accepted',
  order: 'may be applied after newer versions',
  forgotten: 'has no file any more and was struck from the history',
} as const satisfies Record<Amendment['kind'], string>;

/** A decision about the history, in one line. */
export function renderAmendment({ kind, version, name, reason, at }: Amendment): string {
  return `${version} ${name} ${words[kind]}, ${timeText(at)}: ${reason}`;
}
