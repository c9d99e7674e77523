/** The first line of every generated page. */
export const generatedNote = '<!-- Generated from the code by `pnpm run docs`; CI fails when it is out of date. -->';

/** A Markdown table. */
export function table(head, rows) {
  const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
}

/** YAML of a small value, as the examples write it: flow style, on one line. */
export function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([key, inner]) => `${key}: ${flow(inner)}`);
    return fields.length ? `{ ${fields.join(', ')} }` : '{}';
  }
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[A-Za-z_][A-Za-z0-9_.]*$/.test(value) && !/^(true|false|null|yes|no)$/i.test(value) ? value : JSON.stringify(value);
}
