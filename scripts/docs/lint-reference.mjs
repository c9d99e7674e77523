import { allRules } from '../../packages/lint/dist/index.js';
import { flow, generatedNote, table } from './markdown.mjs';

const groups = [
  ['PG', 'PostgreSQL', 'sql'],
  ['MY', 'MySQL and MariaDB', 'sql'],
  ['OP', 'Operations of every store', 'yaml'],
  ['MG', 'MongoDB', 'yaml'],
  ['DY', 'DynamoDB', 'yaml'],
  ['CA', 'Cassandra', 'yaml'],
  ['ES', 'Elasticsearch', 'yaml'],
  ['RD', 'Redis', 'yaml'],
  ['NM', 'Names', 'sql'],
  ['LN', 'The files themselves', 'sql'],
];

/** docs/lint-rules.md. */
export function lintReference() {
  const lines = [
    generatedNote,
    '',
    '# Lint rules',
    '',
    `The ${allRules.length} rules of [\`polyshift lint\`](lint.md). A level of \`off\` is switched on under \`lint.rules\` of the configuration.`,
    'Where a rule says what a server does, "proven" means that a test runs the first unsafe example on the real server and reads the lock and whether the table was',
    'written anew (PostgreSQL), or finds out the best ALGORITHM and LOCK that the server accepts (MySQL and MariaDB).',
  ];
  for (const [prefix, title] of groups) {
    const rules = allRules.filter(({ code }) => code.startsWith(prefix));
    if (rules.length === 0) continue;
    lines.push('', `## ${title}`, '');
    lines.push(
      table(
        ['code', 'level', 'name', 'what it finds'],
        rules.map(({ code, level, name, doc }) => [`[${code}](#${code.toLowerCase()})`, level, name, doc.what]),
      ),
    );
    for (const rule of rules) lines.push(...ruleEntry(rule));
  }
  return `${lines.join('\n')}\n`;
}

function ruleEntry({ code, name, level, doc, examples, claim }) {
  const proof = claim ? ` Proven: ${claimText(claim)}.` : '';
  const lines = ['', `### ${code}`, '', `\`${name}\`, ${level}. ${doc.what} ${doc.why}`, ''];
  lines.push(`- **Locks:** ${doc.lock}${proof}`, `- **Safe:** ${doc.safe}`);
  if (!examples) return lines;
  const isScript = typeof examples.unsafe[0] === 'string';
  const text = (example) => (isScript ? example : example.map((operation) => `- ${flow(operation)}`).join('\n'));
  for (const [word, list] of [
    ['Unsafe', examples.unsafe],
    ['Not named', examples.safe],
  ]) {
    const comment = isScript ? '--' : '#';
    lines.push('', `\`\`\`${isScript ? 'sql' : 'yaml'}`);
    lines.push(list.map((example) => `${comment} ${word}\n${text(example)}${isScript ? ';' : ''}`).join('\n\n'), '```');
  }
  return lines;
}

function claimText({ mode, rewrites, algorithm, lock, mariadb }) {
  if (mode) return `${mode}, the rows are ${rewrites ? 'written anew' : 'left as they are'}`;
  const way = `ALGORITHM=${algorithm}, LOCK=${lock}`;
  return mariadb ? `${way}; MariaDB ALGORITHM=${mariadb.algorithm}, LOCK=${mariadb.lock}` : way;
}
