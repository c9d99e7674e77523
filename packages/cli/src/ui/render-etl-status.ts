import type { EtlStatus } from '@polyshift/etl';
import type { Colours } from './output.ts';
import { countText, timeText } from './quantities.ts';
import { renderLock } from './render-status.ts';
import { renderTable } from './table.ts';

/** The specs that have loaded into a store as a table, and below it what is half done or locked; empty where there is none. */
export function renderEtlStatus(specs: readonly EtlStatus[], colours: Colours): string {
  if (specs.length === 0) return '';
  const head = ['Spec', 'Into', 'State', 'Begun', 'Written', 'Rejected', 'Partitions'];
  const rows = specs.map((spec) => [
    spec.spec,
    spec.targets.map(({ collection }) => collection).join(', '),
    stateText(spec, colours),
    timeText(spec.started_at),
    countText(spec.rows_written),
    countText(spec.rows_rejected),
    `${spec.partitions_done}/${spec.partitions_total}`,
  ]);
  const lines = ['', renderTable(head, rows, colours, [4, 5])];
  if (specs.some(({ state }) => state === 'running' || state === 'loaded' || state === 'rolling_back'))
    lines.push(colours.yellow('A load is half done: `polyshift doctor` explains it.'));
  for (const { collection, indexes_dropped: gone } of specs.flatMap(({ targets }) => targets))
    if (gone.length > 0)
      lines.push(colours.yellow(`${collection} is without ${gone.join(', ')} until its load or rollback has ended.`));
  for (const { lock } of specs) if (lock) lines.push(renderLock(lock));
  return lines.join('\n');
}

function stateText({ state }: EtlStatus, colours: Colours): string {
  const text = state.replaceAll('_', ' ');
  if (state === 'done') return colours.green(text);
  return state === 'rolled_back' ? colours.dim(text) : colours.yellow(text);
}
