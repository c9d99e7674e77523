import type { Finding, LintReport, RuleHead } from '@polyshift/lint';
import type { Colours } from './output.ts';
import { countOf } from './quantities.ts';
import { renderTable } from './table.ts';

/** One block a finding: place, level, code, what is wrong, why, what it locks, the safe way; then the counts. */
export function renderLint(report: LintReport, colours: Colours): string {
  const blocks = report.findings.map((finding) => renderFinding(finding, colours));
  return [...blocks, lintSummary(report, colours)].join('\n\n');
}

function renderFinding({ level, code, rule, file, line, column, message, why, lock, safe }: Finding, colours: Colours): string {
  const word = level === 'error' ? colours.bold(colours.red('error')) : colours.bold(colours.yellow('warning'));
  return [
    `${colours.bold(`${file}:${line}:${column}`)} ${word} ${colours.bold(code)} ${colours.dim(rule)}`,
    `  ${message}`,
    `  ${colours.dim('why')}   ${why}`,
    `  ${colours.dim('locks')} ${lock}`,
    `  ${colours.cyan('safe')}  ${safe}`,
  ].join('\n');
}

function lintSummary({ files, errors, warnings }: LintReport, colours: Colours): string {
  const counts = `${countOf(files.length, 'file')}, ${countOf(errors, 'error')}, ${countOf(warnings, 'warning')}`;
  if (errors > 0) return colours.red(`Unsafe: ${counts}.`);
  return warnings > 0 ? colours.yellow(`Look again: ${counts}.`) : colours.green(`Safe: ${counts}.`);
}

/** All rules, one a line. */
export function renderLintRules(rules: readonly RuleHead[], colours: Colours): string {
  const rows = rules.map(({ code, level, name, store, doc }) => [code, level, store, name, doc.what]);
  return renderTable(['CODE', 'LEVEL', 'STORE', 'NAME', 'WHAT IT FINDS'], rows, colours);
}
