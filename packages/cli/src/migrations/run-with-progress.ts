import { type Emit, type ExitCode, exitCodes, type RunReport } from '@polyshift/core';
import type { CommandContext } from '../command/define-command.ts';
import { openProgress } from '../ui/progress-display.ts';
import { renderRun } from '../ui/render-run.ts';
import { showRun } from '../ui/run-progress.ts';

/** Does `up` or `down` under progress on stderr, and prints the report. Gives the exit code. */
export async function runWithProgress(
  { output }: CommandContext,
  store: string,
  work: (emit: Emit) => Promise<RunReport>,
): Promise<ExitCode> {
  const display = openProgress(output);
  let report: RunReport;
  try {
    report = await work(showRun(display, output.noteColours));
  } finally {
    display.stop();
  }
  await output.result({ store, ...report }, () => renderRun(report, output.colours));
  return report.migrations.some(({ outcome }) => outcome === 'failed_and_rolled_back') ? exitCodes.failed : exitCodes.done;
}
