import type { WorkerEvent, WorkerReport } from '@polyshift/engine-bullmq';
import type { EtlEvent } from '@polyshift/etl';
import type { Colours, Output } from './output.ts';
import { countOf, durationText } from './quantities.ts';
import { waitText } from './wait-text.ts';

/** Tells of the chunks of a worker on stderr, a line for each: workers write to logs. */
export function showWorker(output: Output, event: WorkerEvent | EtlEvent): void {
  const text = textOf(event, output.noteColours);
  if (text !== undefined) output.note(text);
}

function textOf(event: WorkerEvent | EtlEvent, colours: Colours): string | undefined {
  switch (event.kind) {
    case 'ready':
      return `waits for chunks in the queue "${event.queue}"`;
    case 'chunk_started':
      return `${event.spec} ${event.chunk}: begins`;
    case 'chunk_ended': {
      const outcome = event.outcome === 'done' ? colours.green('done') : 'nothing is left of it';
      return `${event.spec} ${event.chunk}: ${outcome}, ${countOf(event.rows, 'row')} read`;
    }
    case 'chunk_failed': {
      const outcome = event.again ? colours.yellow('goes back into the queue') : colours.red('failed');
      return `${event.spec} ${event.chunk}: ${outcome}: ${event.error.message}`;
    }
    case 'redis_away':
      return `${colours.yellow('!')} Redis: ${event.error.message}; chunks in hand go on`;
    case 'throttled':
      return waitText(event) ?? 'goes on';
    case 'retry':
      return `${colours.yellow('!')} trying again in ${durationText(event.pause_ms)} (${event.attempt}): ${event.error.message}`;
    default:
      return undefined;
  }
}

/** What a worker has done, in a line. */
export function renderWorker({ chunks, rows, failures }: WorkerReport): string {
  return `${countOf(chunks, 'chunk')} done, ${countOf(rows, 'row')} read${failures > 0 ? `, ${countOf(failures, 'failure')}` : ''}.`;
}
