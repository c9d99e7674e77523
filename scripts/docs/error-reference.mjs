import { errorEntries } from '../../packages/core/dist/index.js';
import { generatedNote } from './markdown.mjs';

const groups = { 1: 'Input', 2: 'Store', 3: 'History and lock', 4: 'Runs and checks', 5: 'ETL', 9: 'Internal' };
const exits = {
  1: 'failed',
  2: 'usage or bad input',
  3: 'could not connect',
  4: 'locked by another run',
  5: 'stopped part-way, resumable',
};

/** docs/errors.md. */
export function errorReference() {
  const lines = [
    generatedNote,
    '',
    '# Errors',
    '',
    'Every error has a code with a stable number, says where it lies, why, and what to do. `--json` prints `{"error": {code, number, message, hint, place, retryable, data}}`.',
  ];
  let group = '';
  for (const [code, entry] of Object.entries(errorEntries)) {
    const digit = entry.number[2];
    if (digit !== group) lines.push('', `## ${groups[digit]}`);
    group = digit;
    lines.push(
      '',
      `### ${entry.number} ${code}`,
      '',
      entry.meaning,
      '',
      `**What to do:** ${entry.action}`,
      '',
      `Exit code ${entry.exit} (${exits[entry.exit]}).`,
    );
  }
  return `${lines.join('\n')}\n`;
}
