import type { EtlVerifyReport } from '@polyshift/etl';
import type { Colours } from './output.ts';
import { countText, durationText } from './quantities.ts';
import { renderChecks } from './render-checks.ts';
import { checksSummary } from './render-verify.ts';

/** Counts and checksums of both sides, the checks, and examples of the rows that differ. */
export function renderEtlVerify(report: EtlVerifyReport, colours: Colours): string {
  const { missing, different } = report;
  const lines = [
    `${colours.bold(report.spec)}: ${countText(report.source_rows)} rows at the source, ${countText(report.expected_rows)} expected, ${countText(report.target_rows)} in the target, compared in ${durationText(report.duration_ms)}`,
    `checksums ${report.checksums.source} expected, ${report.checksums.target} found`,
    '',
    renderChecks(report.checks, colours),
  ];
  if (missing.count > 0) {
    lines.push('', `missing: ${missing.examples.map((key) => JSON.stringify(key)).join(', ')}${more(missing)}`);
  }
  if (different.count > 0) {
    const differences = different.examples.flatMap(({ key, fields }) =>
      fields.map(
        ({ field, expected, actual }) =>
          `  ${JSON.stringify(key)} ${field}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`,
      ),
    );
    lines.push('', `different:${more(different)}`, ...differences);
  }
  return [...lines, '', checksSummary(report.checks, report.ok, colours)].join('\n');
}

function more({ count, examples }: { readonly count: number; readonly examples: readonly unknown[] }): string {
  return count > examples.length ? ` (${countText(examples.length)} of ${countText(count)})` : '';
}
