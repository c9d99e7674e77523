const [width, labels, bar, gap] = [760, 230, 22, 8];
const colours = { limit: '#9aa5b1', polyshift: '#2563eb', peer: '#d97706' };

/** Bars, one for each contender: rows a second, or milliseconds where there are no rows. */
export function drawSuite({ title, entries }) {
  const drawn = entries.filter(({ median }) => median.seconds);
  const value = ({ rows, median }) => (rows ? rows / median.seconds : median.seconds * 1000);
  const unit = drawn.some(({ rows }) => rows) ? 'rows/s' : 'ms';
  const most = Math.max(...drawn.map(value));
  const height = 44 + drawn.length * (bar + gap);
  const bars = drawn.map((entry, index) => {
    const y = 36 + index * (bar + gap);
    const length = Math.max(1, ((width - labels - 120) * value(entry)) / most);
    const text = `${Math.round(value(entry)).toLocaleString('en-US')} ${unit}`;
    return [
      `<text x="${labels - 8}" y="${y + 15}" text-anchor="end">${escaped(entry.name)}</text>`,
      `<rect x="${labels}" y="${y}" width="${length.toFixed(1)}" height="${bar}" fill="${colours[entry.kind]}"/>`,
      `<text x="${(labels + length + 6).toFixed(1)}" y="${y + 15}">${text}</text>`,
    ].join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="13">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="12" y="22" font-size="15" font-weight="bold">${escaped(title)}</text>
${bars.join('\n')}
</svg>
`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
