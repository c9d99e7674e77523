import { relative } from 'node:path';
import type { EtlPlanReport } from '@polyshift/etl';
import type { Colours } from './output.ts';
import { countOf, countText } from './quantities.ts';
import { renderTable } from './table.ts';

/** What a run of a spec would do; paths are shown relative to `cwd`. */
export function renderEtlPlan(plan: EtlPlanReport, colours: Colours, cwd: string): string {
  const { source, target, batches } = plan;
  const lines = [
    colours.bold(plan.spec),
    `  from  ${source.collection} of ${source.server.product} ${source.server.version}: ${countOf(source.rows, 'row')}, by ${keyText(source.key)}`,
    `  into  ${target.collection} of ${target.server.product} ${target.server.version}: ${target.before}, ${target.mode} by ${keyText(target.key)}`,
    `  reads ${countText(batches.extract)} rows at a time in ${countOf(plan.partitions, 'partition')}, writes ${countText(batches.load)}, ${batches.writes_in_flight} writes in flight`,
    `  a value that the target cannot hold: ${plan.on_loss === 'error' ? 'the row is rejected' : 'the nearest is written and counted'}; rejected rows allowed: ${plan.max_rejected}, kept in ${relative(cwd, plan.rejected_file)}`,
  ];
  if (plan.fields.length > 0) {
    const rows = plan.fields.map(({ target: field, rule, type, nullable, notes }) => [
      `  ${field}`,
      rule,
      nullable ? type : `${type} not null`,
      colours.yellow(notes.join('; ')),
    ]);
    lines.push('', renderTable(['  Field', 'Rule', 'Type', 'Notes'], rows, colours));
  } else lines.push('', '  Documents go through as they are.');
  if (plan.statements.length > 0) {
    lines.push('', ...plan.statements.map((statement) => `  ${statement.split('\n').join('\n  ')}`));
  }
  return [...lines, '', `  undo: ${plan.undo}`, '', nextText(plan)].join('\n');
}

function keyText(key: readonly string[]): string {
  return key.length === 0 ? 'no key' : key.join(', ');
}

function nextText({ next }: EtlPlanReport): string {
  const texts: Record<EtlPlanReport['next'], string> = {
    begin: '`polyshift etl run` would begin. Nothing has been written.',
    resume: '`polyshift etl run` would go on with a run that stopped part-way. Nothing has been written.',
    already_done: 'The spec has run: `polyshift etl run` would change nothing; `polyshift etl rollback` takes the load back.',
    spec_changed: 'The spec has changed since its last run: `polyshift etl rollback` first, or put it back as it was.',
    finish_rollback: 'A rollback stopped part-way: `polyshift etl rollback` finishes it.',
  };
  return texts[next];
}
