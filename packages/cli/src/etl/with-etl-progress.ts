import type { EmitEtl } from '@polyshift/etl';
import { showEtl } from '../ui/etl-progress.ts';
import type { Output } from '../ui/output.ts';
import { openProgress } from '../ui/progress-display.ts';

/** Does `work` under progress on stderr, and ends the progress whatever comes of it. */
export async function withEtlProgress<Report>(output: Output, work: (emit: EmitEtl) => Promise<Report>): Promise<Report> {
  const display = openProgress(output);
  try {
    return await work(showEtl(display, output.noteColours));
  } finally {
    display.stop();
  }
}
