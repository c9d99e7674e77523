import { type ThrottleInForce, type ThrottleMeasurement, type ThrottleName, throttleNames } from '@polyshift/core';
import type { Colours } from './output.ts';
import { countOf, durationText, timeText } from './quantities.ts';
import { renderTable } from './table.ts';

/** What `polyshift throttle` tells. */
export interface ThrottleReport extends ThrottleInForce {
  readonly measured: ThrottleMeasurement;
  /** Why a run would wait now; null where it would go on. */
  readonly waits: string | null;
}

/** The limits in force and where they come from, how the store fares, and whether a run would wait. */
export function renderThrottle(report: ThrottleReport, colours: Colours): string {
  const lines = [limits(report, colours), '', ...measured(report)];
  lines.push(report.waits === null ? colours.green('Batch work goes on.') : colours.yellow(`Batch work waits: ${report.waits}`));
  return lines.join('\n');
}

function limits(report: ThrottleReport, colours: Colours): string {
  const rows = throttleNames
    .filter((name) => report.from[name] !== undefined)
    .map((name) => [name, valueText(name, report.given[report.from[name]!]?.[name]), sourceText(name, report)]);
  return rows.length > 0 ? renderTable(['Limit', 'Value', 'From'], rows, colours) : 'No limit is set.';
}

function sourceText(name: ThrottleName, { from, given, file, journal_since }: ThrottleReport): string {
  const texts = {
    journal: `polyshift throttle, ${journal_since === undefined ? '' : timeText(journal_since)}`,
    file: file ?? 'the file',
    environment: 'the environment',
    configuration: 'the configuration',
  };
  const source = from[name]!;
  const others = (Object.keys(texts) as (keyof typeof texts)[])
    .filter((each) => each !== source && given[each]?.[name] !== undefined)
    .map((each) => `${texts[each].split(',')[0]}: ${valueText(name, given[each]![name])}`);
  return others.length > 0 ? `${texts[source]} (wins over ${others.join('; ')})` : texts[source];
}

function valueText(name: ThrottleName, value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return name === 'pause_ms' || name === 'max_replica_lag_ms' ? durationText(Number(value)) : String(value);
}

function measured({ measured: { pressure, query } }: ThrottleReport): string[] {
  const lines: string[] = [];
  if (pressure) {
    const { replica_lag_ms: lag, load, unknown } = pressure;
    lines.push(`Replica lag: ${lag === null ? `not known, ${unknown?.replica_lag_ms ?? 'nobody tells'}` : durationText(lag)}.`);
    lines.push(`Load: ${load === null ? `not known, ${unknown?.load ?? 'nobody tells'}` : countOf(load, 'statement')}.`);
  }
  if (query) lines.push(`The query ${'failed' in query ? `fails: ${query.failed}` : `gives ${JSON.stringify(query.value)}.`}`);
  return lines;
}
