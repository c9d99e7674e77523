/** The columns of a suite's table, each with what it shows of an entry; columns that no entry has are left out. */
const columns = [
  { title: 'who', of: (entry) => entry.name },
  { title: 'rows', of: (entry) => (entry.rows ? entry.rows.toLocaleString('en-US') : null) },
  { title: 'seconds', of: ({ median }) => fixed(median.seconds, 2) },
  {
    title: 'rows/s',
    of: ({ rows, median }) => (rows && median.seconds ? Math.round(rows / median.seconds).toLocaleString('en-US') : null),
  },
  { title: 'against the limit', of: (entry, limit) => ratio(entry, limit) },
  { title: 'CPU µs a row', of: ({ rows, median }) => (rows ? fixed((median.cpu_seconds / rows) * 1e6, 1) : null) },
  {
    title: 'server CPU µs a row',
    of: ({ rows, median }) => (rows && median.server_cpu_seconds ? fixed((median.server_cpu_seconds / rows) * 1e6, 1) : null),
  },
  { title: 'peak memory, MB', of: ({ median }) => median.peak_rss_mb ?? null },
  { title: 'what became of the values', of: ({ note }) => note ?? null },
];

/** A suite as Markdown: table, targets, and what could not run. */
export function printSuite({ title, description, entries, unavailable, targets }) {
  const limit = entries
    .filter(({ kind }) => kind === 'limit')
    .sort((left, right) => right.median.seconds - left.median.seconds)[0];
  const shown = columns.filter(({ of }) => entries.some((entry) => of(entry, limit) !== null));
  const lines = [`## ${title}`, '', description, '', row(shown.map((column) => column.title)), row(shown.map(() => '---'))];
  for (const entry of entries) lines.push(row(shown.map((column) => cell(column.of(entry, limit), entry, column))));
  if (targets.length > 0) {
    lines.push('', row(['target', 'measured', 'wanted', '']), row(['---', '---', '---', '---']));
    for (const target of targets) {
      lines.push(
        row([
          target.text,
          number(target.value),
          `${target.better === 'less' ? '≤' : '≥'} ${number(target.wanted)}`,
          met(target) ? 'met' : '**missed**',
        ]),
      );
    }
  }
  for (const { name, reason } of unavailable) lines.push('', `Not measured: ${name} (${reason}).`);
  return lines.join('\n');
}

/** Whether a target is met. */
export function met({ value, wanted, better }) {
  return better === 'less' ? value <= wanted : value >= wanted;
}

function ratio(entry, limit) {
  if (!limit || !entry.median.seconds) return null;
  const speed = ({ rows, median }) => (rows ?? 1) / median.seconds;
  return fixed(speed(entry) / speed(limit), 2);
}

function cell(value, entry, column) {
  if (value === null) return '';
  return column.title === 'who' && entry.kind === 'polyshift' ? `**${value}**` : String(value);
}

function fixed(value, digits) {
  return value === null || value === undefined || Number.isNaN(value) ? null : value.toFixed(digits);
}

function number(value) {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}
