import type { EmitEtl, EtlStep, FleetState } from '@polyshift/etl';
import type { Colours } from './output.ts';
import type { ProgressDisplay } from './progress-display.ts';
import { countOf, countText, durationText } from './quantities.ts';
import { waitText } from './wait-text.ts';

/** How far the load is. */
interface LoadProgress {
  readonly done: number;
  readonly total: number | undefined;
  readonly rate: number;
  readonly eta_seconds: number | undefined;
}

/** Shows the events of a pipeline: a bar or line per step, losses and rejected rows as they come, and retries. */
export function showEtl(display: ProgressDisplay, colours: Colours): EmitEtl {
  const steps = new Map<EtlStep, string>();
  let rejected = 0;
  // How far the load is while it waits, or while workers are told of: that tells nothing of rows.
  let loaded: LoadProgress = { done: 0, total: undefined, rate: 0, eta_seconds: undefined };
  let fleet: string | undefined;
  let size: string | undefined;
  const note = (): string | undefined => [fleet, size].filter((part) => part !== undefined).join(', ') || undefined;
  return (event) => {
    switch (event.kind) {
      case 'run_started': {
        const parts = event.partitions === 1 ? '' : ` in ${countOf(event.partitions, 'partition')}`;
        const total = event.rows_total === undefined ? '' : `, ${countOf(event.rows_total, 'row')}`;
        return display.note(`${colours.bold(event.spec)}${event.resumed ? ' goes on where it stopped' : ''}${total}${parts}`);
      }
      case 'progress': {
        const label = `  ${event.step}`;
        steps.set(event.step, label);
        const { rows_done: done, rows_total: total, rate, eta_seconds } = event;
        if (event.step === 'load') {
          loaded = { done, total, rate, eta_seconds };
          // Before the first row it tells nothing.
          size = event.batch_size === undefined || done === 0 ? undefined : `${countText(event.batch_size)} rows a write`;
          return display.show(event.step, { label, ...loaded, note: note() });
        }
        return display.show(event.step, { label, done, total, rate, eta_seconds });
      }
      case 'throttled':
        steps.set('load', '  load');
        return display.show('load', { label: '  load', ...loaded, rate: 0, eta_seconds: undefined, note: waitText(event) });
      case 'rejected':
        // The report counts them all; the first few are told at once.
        if (rejected++ < 5) {
          display.note(
            `  ${colours.red('rejected')} ${JSON.stringify(event.row.key)}: ${event.row.code.toLowerCase()}: ${event.row.message}`,
          );
        }
        return;
      case 'loss':
        return display.note(
          `  ${colours.yellow('loss')} ${event.loss.field}: ${event.loss.loss.replaceAll('_', ' ')}, like ${event.loss.example.from} → ${event.loss.example.to}`,
        );
      case 'retry':
        return display.note(
          `  ${colours.yellow('!')} ${event.reconnect ? 'connecting again' : 'trying again'} in ${durationText(event.pause_ms)} (${event.attempt}): ${event.error.message}`,
        );
      case 'finished':
        for (const step of steps.keys()) display.end(step);
        return display.note(`  ${colours.green('done')} in ${durationText(event.duration_ms)}`);
      case 'fleet':
        steps.set('load', '  load');
        fleet = fleetText(event);
        return display.show('load', { label: '  load', ...loaded, note: note() });
      case 'partition_started':
      case 'partition_finished':
        return;
    }
  };
}

/** `3 workers, 12 of 64 chunks done, 3 in hand`. */
function fleetText({ workers, running, open, total }: FleetState): string {
  return [
    ...(workers === undefined ? [] : [workers === 0 ? 'waits for a `polyshift worker`' : countOf(workers, 'worker')]),
    `${countText(total - open)} of ${countOf(total, 'chunk')} done`,
    ...(running === undefined || open === 0 ? [] : [`${countText(running)} in hand`]),
  ].join(', ');
}
