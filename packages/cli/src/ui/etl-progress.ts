import type { EmitEtl, EtlStep } from '@polyshift/etl';
import type { Colours } from './output.ts';
import type { ProgressDisplay } from './progress-display.ts';
import { countOf, durationText } from './quantities.ts';

/** Shows the events of a pipeline: a bar or line per step, losses and rejected rows as they come, and retries. */
export function showEtl(display: ProgressDisplay, colours: Colours): EmitEtl {
  const steps = new Map<EtlStep, string>();
  let rejected = 0;
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
        return display.show(event.step, { label, done, total, rate, eta_seconds });
      }
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
