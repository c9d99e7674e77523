import type { EmitEtl, EtlStep } from '@polyshift/etl';
import type { Colours } from './output.ts';
import type { ProgressDisplay } from './progress-display.ts';
import { countOf, durationText } from './quantities.ts';
import { waitText } from './wait-text.ts';

/** Shows the events of a pipeline: a bar or line per step, losses and rejected rows as they come, and retries. */
export function showEtl(display: ProgressDisplay, colours: Colours): EmitEtl {
  const steps = new Map<EtlStep, string>();
  let rejected = 0;
  // How far the load is while it waits: a wait tells only why.
  let loaded: { readonly done: number; readonly total: number | undefined } = { done: 0, total: undefined };
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
        if (event.step === 'load') loaded = { done, total };
        return display.show(event.step, { label, done, total, rate, eta_seconds });
      }
      case 'throttled':
        steps.set('load', '  load');
        return display.show('load', { label: '  load', ...loaded, rate: 0, note: waitText(event) });
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
      case 'partition_started':
      case 'partition_finished':
        return;
    }
  };
}
