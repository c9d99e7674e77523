import type { Emit, RunEvent, StepName } from '@polyshift/core';
import type { Colours } from './output.ts';
import type { ProgressDisplay } from './progress-display.ts';
import { countOf, durationText } from './quantities.ts';
import { renderChecks } from './render-checks.ts';
import { finalizedLine, keptLine } from './render-finalize.ts';
import { waitText } from './wait-text.ts';

/** Shows the events of the runner: one bar or line per operation, and a line that stays for what has ended. */
export function showRun(display: ProgressDisplay, colours: Colours): Emit {
  // How far the step is that waits: a wait tells only why.
  let far: { readonly done: number; readonly total: number | undefined } = { done: 0, total: undefined };
  return (event) => {
    switch (event.kind) {
      case 'migration_started':
        return display.note(`${colours.bold(`${event.version} ${event.name}`)} ${startText(event)}`);
      case 'step_started':
        far = { done: 0, total: undefined };
        return display.show(stepKey(event.step), {
          label: `  ${stepText(event.step, event.direction)}`,
          done: 0,
          total: undefined,
          rate: 0,
          note: event.resumed ? 'goes on where it stopped' : undefined,
        });
      case 'throttled':
        return display.show(stepKey(event.step), {
          label: `  ${stepText(event.step, event.direction)}`,
          ...far,
          rate: 0,
          note: waitText(event),
        });
      case 'progress':
        far = { done: event.rows_done, total: event.rows_total };
        return display.show(stepKey(event.step), {
          label: `  ${stepText(event.step, event.direction)}`,
          done: event.rows_done,
          total: event.rows_total,
          rate: event.rate,
          eta_seconds: event.eta_seconds,
          note: event.note,
        });
      case 'step_finished':
        return display.end(
          stepKey(event.step),
          `  ${colours.green('✓')} ${stepText(event.step, event.direction)}${finishText(event)}`,
        );
      case 'migration_checked':
      case 'checked': {
        const warnings = event.checks.filter(({ status }) => status === 'WARNING');
        if (warnings.length > 0) display.note(renderChecks(warnings, colours, '    '));
        return;
      }
      case 'retry':
        return display.note(
          `  ${colours.yellow('!')} ${stepText(event.step, 'up')}: try ${event.attempt} failed, again in ${durationText(event.pause_ms)}: ${event.error.message}`,
        );
      case 'finalized':
        return display.note(`  ${finalizedLine(event.migration)}`);
      case 'undo_kept':
        return display.note(`  ${colours.yellow('!')} ${keptLine(event.migration)}`);
      case 'migration_finished':
        return display.note(
          `  ${colours.green(event.direction === 'up' ? 'applied' : 'taken back')} in ${durationText(event.duration_ms)}`,
        );
      case 'migration_failed':
        return display.note(
          event.rolling_back
            ? `  ${colours.red('failed')}: ${event.error.message}\n  taking it back`
            : `  ${colours.yellow('stopped')}: ${event.error.message}`,
        );
    }
  };
}

function startText(event: RunEvent & { kind: 'migration_started' }): string {
  const verb = event.direction === 'up' ? 'applying' : 'taking back';
  return event.resumed ? `${verb}, going on where an earlier run stopped` : verb;
}

function finishText(event: RunEvent & { kind: 'step_finished' }): string {
  const rows = event.rows_done > 0 ? `${countOf(event.rows_done, 'row')} in ` : '';
  return `  ${rows}${durationText(event.duration_ms)}`;
}

/** `2/5 add_field on users`; on the way down without the count, since it goes from the last to the first. */
function stepText(step: StepName, direction: 'up' | 'down'): string {
  const position = direction === 'up' && step.step < step.steps ? `${step.step + 1}/${step.steps} ` : '';
  return `${position}${step.type}${step.collection === '*' ? '' : ` on ${step.collection}`}`;
}

function stepKey(step: StepName): string {
  return `${step.version}/${step.step}`;
}
