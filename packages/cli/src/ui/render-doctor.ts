import type { DoctorReport } from '@polyshift/core';
import type { Colours } from './output.ts';

/** What was found, what is behind it, and the commands that go on from there. */
export function renderDoctor(report: DoctorReport, colours: Colours): string {
  const notes = report.notes.map((note) => colours.dim(note));
  if (report.healthy) return [colours.green('Nothing is half done, locked or changed.'), ...notes].join('\n');
  const findings = report.findings
    .map(({ finding, details, choices }) => {
      const width = Math.max(0, ...choices.map(({ command }) => command.length));
      return [
        `${colours.yellow('•')} ${colours.bold(finding)}`,
        ...details.map((detail) => `    ${detail}`),
        ...choices.map(({ command, outcome }) => `  ${colours.cyan('→')} ${colours.cyan(command.padEnd(width))}  ${outcome}`),
      ].join('\n');
    })
    .join('\n\n');
  return [findings, ...notes].join('\n\n');
}
