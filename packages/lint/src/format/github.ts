import type { Finding } from '../finding.ts';

/** The findings as workflow commands of GitHub Actions, one a line: annotations in the pull request. */
export function githubAnnotations(findings: readonly Finding[]): string {
  return findings
    .map(({ level, file, line, column, code, rule, message, why, lock, safe }) => {
      const properties = { file, line, col: column, title: `${code} ${rule}` };
      const head = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
      return `::${level} ${head.join(',')}::${data(`${message}\n${why}\nLocks: ${lock}\nSafe: ${safe}`)}`;
    })
    .join('\n');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
