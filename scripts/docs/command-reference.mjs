import { commandReference as commands } from '../../packages/cli/dist/index.js';
import { generatedNote, table } from './markdown.mjs';

const exitCodes = [
  [0, 'done'],
  [1, 'the migration or a check failed, and was rolled back where it could be'],
  [2, 'usage or bad input'],
  [3, 'could not connect'],
  [4, 'locked by another run'],
  [5, 'stopped part-way and resumable'],
];

/** docs/commands.md. */
export function commandReference() {
  const lines = [
    generatedNote,
    '',
    '# Commands',
    '',
    table(
      ['command', 'what it does'],
      commands.map(({ name, brief }) => [`[\`polyshift ${name}\`](#polyshift-${name.replaceAll(' ', '-')})`, brief]),
    ),
    '',
    '## Exit codes',
    '',
    table(['code', 'meaning'], exitCodes),
  ];
  for (const { name, usage, description, argument, flags, examples } of commands) {
    lines.push('', `## polyshift ${name}`, '', `\`${usage.trim()}\``, '', description, '');
    if (argument) lines.push(`\`${argument.placeholder}\`: ${argument.brief}`, '');
    lines.push(
      table(
        ['flag', 'meaning'],
        flags.map((flag) => [`\`${flag.usage}\``, flag.brief]),
      ),
    );
    if (examples.length > 0) lines.push('', '```sh', ...examples, '```');
  }
  return `${lines.join('\n')}\n`;
}
