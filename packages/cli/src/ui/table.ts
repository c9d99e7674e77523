import CliTable from 'cli-table3';
import type { Colours } from './output.ts';

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** A table without borders, columns as wide as their longest cell. `right` lists the columns of numbers, from 0. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colours: Colours,
  right: readonly number[] = [],
): string {
  const table = new CliTable({
    head: head.map((title) => colours.dim(title)),
    chars: noBorders,
    colAligns: head.map((_title, index) => (right.includes(index) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
