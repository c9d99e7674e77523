import { ScriptError } from '../read/script-error.ts';
import { CqlStatement } from './statement.ts';

const first =
  /^(SELECT|INSERT|UPDATE|DELETE|BEGIN|APPLY|CREATE|ALTER|DROP|TRUNCATE|USE|GRANT|REVOKE|LIST|DESCRIBE|DESC|CONSISTENCY|SERIAL|COPY|SOURCE|COMMENT|SECURITY|ADD)$/i;
const token = /\s+|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$|[\w.]+|[^\s\w]/y;

/**
 * Cuts a script into statements. The grammar itself is left to the server.
 * @throws ScriptError where a quote or comment is not closed, or a statement begins with a word that none begins with
 */
export function parseCql(script: string): CqlStatement[] {
  const statements: CqlStatement[] = [];
  let tokens: string[] = [];
  let start = 0;
  let end = 0;
  let batch = false;
  const close = () => {
    const word = tokens[0];
    if (word === undefined) return;
    if (!first.test(word)) throw new ScriptError(`no statement begins with ${word}`, start);
    statements.push(new CqlStatement(script.slice(start, end), start, tokens));
    tokens = [];
  };
  token.lastIndex = 0;
  for (let match = token.exec(script); match; match = token.exec(script)) {
    const [text] = match;
    if (/^(\s|--|\/\/|\/\*)/.test(text)) continue;
    if (/^['"]$/.test(text) || (text === '/' && script[match.index + 1] === '*')) {
      throw new ScriptError('a quote or comment is not closed', match.index);
    }
    if (tokens.length === 0) start = match.index;
    if (text === ';' && !batch) {
      close();
      continue;
    }
    if (/^BATCH$/i.test(text)) batch = !/^APPLY$/i.test(tokens.at(-1) ?? '');
    tokens.push(text);
    end = match.index + text.length;
  }
  close();
  return statements;
}
