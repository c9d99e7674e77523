import { generatedNote, table } from './markdown.mjs';

/** docs/types.md. */
export function typeMapping(found) {
  const adapters = found.map(({ adapter }) => adapter);
  const kinds = Object.keys(adapters[0].capabilities.types);
  const lines = [
    generatedNote,
    '',
    '# Types',
    '',
    'What a value of each portable type becomes in a collection that polyshift creates. Types of the source are read into portable ones exactly; a loss can only',
    'happen on the way into a store. Each loss has a name: the load counts it by field under that name, shows one example, and refuses the row instead with',
    '`on_loss: error`. The conformance suite holds this table against real values: a loss that is not named here fails it, and so does one that nothing shows.',
    '',
    table(
      ['type', ...adapters.map(({ capabilities }) => `[${capabilities.title}](#${anchor(capabilities.title)})`)],
      kinds.map((kind) => [`\`${kind}\``, ...adapters.map(({ capabilities }) => mark(capabilities.types[kind]))]),
    ),
    '',
    '**exact**: every value comes back as it was, if in another type of the store. **losses**: some values do not, by the names below. **refuses**: rows with some',
    'values are rejected, and go to the dead letters.',
  ];
  for (const each of found) lines.push(...storeSection(each, kinds));
  return `${lines.join('\n')}\n`;
}

function mark({ losses, refuses }) {
  return [losses.length > 0 && 'losses', refuses !== undefined && 'refuses'].filter(Boolean).join(', ') || 'exact';
}

function storeSection({ adapter: { capabilities }, losses }, kinds) {
  const { title, types } = capabilities;
  const rows = kinds.map((kind) => [
    `\`${kind}\``,
    types[kind].native,
    types[kind].losses.map((loss) => `\`${loss}\``).join(', '),
    types[kind].refuses ?? '',
  ]);
  const named = [...new Set(kinds.flatMap((kind) => types[kind].losses))].filter((loss) => losses[loss] !== undefined);
  const lines = ['', `## ${title}`, '', table(['type', 'becomes', 'losses', 'refuses'], rows)];
  if (named.length > 0) lines.push('', ...named.map((loss) => `- \`${loss}\`: ${losses[loss]}`));
  return lines;
}

function anchor(title) {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}
