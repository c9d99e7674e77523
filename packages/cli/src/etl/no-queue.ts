import { PolyshiftError } from '@polyshift/core';
import type { LoadedConfig } from '../config/load-config.ts';

/** The error of a worker whose configuration names no queue. */
export function noQueue({ document, config }: LoadedConfig): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `${document.file} names no queue that a worker can take chunks from`, {
    place: document.place(config.engine === undefined ? [] : ['engine']),
    hint: 'Write `engine: { type: bullmq, redis: URL }`; the engines `local` and `threads` need no workers.',
  });
}
