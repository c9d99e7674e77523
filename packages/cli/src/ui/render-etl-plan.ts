import { isAbsolute, relative } from 'node:path';
import type { EtlPlanReport } from '@polyshift/etl';
import type { Colours } from './output.ts';
import { countOf, countText } from './quantities.ts';
import { renderTable } from './table.ts';

/** What a run of a spec would do; paths are shown relative to `cwd`. */
export function renderEtlPlan(plan: EtlPlanReport, colours: Colours, cwd: string): string {
  const { source, target, batches } = plan;
  const lines = [
    colours.bold(plan.spec),
    ...plan.sources.map(
      ({ collection, rows, key }) =>
        `  from  ${collection} of ${source.server.product} ${source.server.version}: ${countOf(rows, 'row')}, by ${keyText(key)}`,
    ),
    ...plan.targets.map(
      ({ collection, before, mode, key }) =>
        `  into  ${collection} of ${target.server.product} ${target.server.version}: ${before}, ${mode} by ${keyText(key)}`,
    ),
    `  reads ${countText(batches.extract)} rows at a time in ${countOf(plan.partitions, 'partition')}, writes ${batches.load_found ? `as many as feedback finds, from ${countText(batches.load)} on` : countText(batches.load)}, ${batches.writes_in_flight} writes in flight`,
    `  a value that the target cannot hold: ${plan.on_loss === 'error' ? 'the row is rejected' : 'the nearest is written and counted'}; rejected rows allowed: ${plan.max_rejected}, kept in ${isAbsolute(plan.dead_letters) ? relative(cwd, plan.dead_letters) : plan.dead_letters}`,
  ];
  for (const each of plan.targets) lines.push('', ...fieldLines(each, plan.targets.length > 1, colours));
  if (plan.statements.length > 0) {
    lines.push('', ...plan.statements.map((statement) => `  ${statement.split('\n').join('\n  ')}`));
  }
  lines.push(...checkLines(plan.checks, colours));
  return [...lines, '', `  undo: ${plan.undo}`, '', nextText(plan)].join('\n');
}

function fieldLines({ collection, fields }: EtlPlanReport['targets'][number], named: boolean, colours: Colours): string[] {
  const title = named ? [`  ${colours.bold(collection)}`] : [];
  if (fields.length === 0) return [...title, '  Documents go through as they are.'];
  const rows = fields.map(({ target, rule, type, nullable, notes }) => [
    `  ${target}`,
    rule,
    nullable ? type : `${type} not null`,
    colours.yellow(notes.join('; ')),
  ]);
  return [...title, renderTable(['  Field', 'Rule', 'Type', 'Notes'], rows, colours)];
}

function checkLines({ before, after, on_failure }: EtlPlanReport['checks'], colours: Colours): string[] {
  const rows = [...before.map((check) => ['before', check] as const), ...after.map((check) => ['after', check] as const)].map(
    ([moment, { check, on, asks, warns_only }]) => [`  ${moment}`, check, on, warns_only ? `${asks} (only warns)` : asks],
  );
  if (rows.length === 0) return [];
  const failed = on_failure === 'roll_back' ? 'the load is taken back' : 'the load stays, but is not done';
  return [
    '',
    renderTable(['  Checks', 'Check', 'Asks', 'What'], rows, colours),
    ...(after.length > 0 ? [`  after a failed one ${failed}`] : []),
  ];
}

function keyText(key: readonly string[]): string {
  return key.length === 0 ? 'no key' : key.join(', ');
}

function nextText({ next }: EtlPlanReport): string {
  const texts: Record<EtlPlanReport['next'], string> = {
    begin: '`polyshift etl run` would begin. Nothing has been written.',
    resume: '`polyshift etl run` would go on with a run that stopped part-way. Nothing has been written.',
    check: 'All rows are loaded: `polyshift etl run` would repeat the checks after the load. Nothing has been written.',
    already_done: 'The spec has run: `polyshift etl run` would change nothing; `polyshift etl rollback` takes the load back.',
    spec_changed: 'The spec has changed since its last run: `polyshift etl rollback` first, or put it back as it was.',
    finish_rollback: 'A rollback stopped part-way: `polyshift etl rollback` finishes it.',
  };
  return texts[next];
}
