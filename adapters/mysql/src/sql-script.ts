import { PolyshiftError } from '@polyshift/core';
import { joined, type SqlToken, tokenize } from './sql-tokens.ts';

/** One statement of a script. */
export interface SqlStatement {
  /** Its text, without what separates it from the next. */
  readonly text: string;
  /** The line in the script on which it begins, from 1. */
  readonly line: number;
  /** Whether the server commits by itself with it: then it cannot be taken back, nor counted in the same transaction. */
  readonly commits: boolean;
}

const committing =
  /^(ALTER|CREATE|DROP|RENAME|TRUNCATE|GRANT|REVOKE|ANALYZE|OPTIMIZE|REPAIR|CHECK|FLUSH|INSTALL|UNINSTALL|LOCK|UNLOCK|SET|CACHE|RESET|IMPORT|PURGE)\b/i;
const temporary = /^(CREATE|DROP)\s+TEMPORARY\b/i;
const transactional = /^(BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|XA)\b/i;
const routine = /^CREATE\b(?:(?!\bAS\b)[\s\S]){0,200}?\b(PROCEDURE|FUNCTION|TRIGGER|EVENT|PACKAGE)\b/i;

/**
 * Splits a script into statements: at semicolons outside of quotes, comments and the bodies of routines, or as DELIMITER lines say, which belong
 * to clients and not to the server. Throws INVALID_SYNTAX for quotes that never end, UNSUPPORTED_OPERATION for BEGIN and COMMIT.
 */
export function splitScript(sql: string, path: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let delimiter = ';';
  let line = 1;
  let current: SqlToken[] = [];
  let depth = 0;
  const end = (): void => {
    const text = joined(current);
    const body = text.trim();
    const code = joined(tokenize(body).filter((token) => token.kind !== 'comment' || token.text.startsWith('/*!'))).trim();
    if (code !== '') statements.push(toStatement(body, code, line + linesBefore(text), path));
    line += text.split('\n').length - 1;
    current = [];
    depth = 0;
  };
  for (const part of splitAtDelimiterLines(sql)) {
    if (part.delimiter !== undefined) {
      end();
      delimiter = part.delimiter;
      line += part.text.split('\n').length - 1;
      continue;
    }
    const tokens = tokenize(part.text);
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index]!;
      if (token.kind === 'symbol' && /^['"`]$/.test(token.text)) {
        throw new PolyshiftError('INVALID_SYNTAX', `Line ${line + joined(current).split('\n').length - 1}: a quote never ends.`, {
          place: { path },
        });
      }
      if (startsHere(tokens, index, delimiter) && (depth === 0 || delimiter !== ';')) {
        end();
        index += tokenCount(tokens, index, delimiter) - 1;
        continue;
      }
      if (delimiter === ';' && token.kind === 'word') depth = nextDepth(depth, current, tokens, index);
      current.push(token);
    }
  }
  end();
  return statements;
}

/** How deep in BEGIN ... END a routine's body is; elsewhere these words are not blocks. */
function nextDepth(depth: number, current: readonly SqlToken[], tokens: readonly SqlToken[], index: number): number {
  const word = tokens[index]!.text.toUpperCase();
  if (word !== 'BEGIN' && word !== 'CASE' && word !== 'END') return depth;
  if (!routine.test(joined(current.filter((token) => token.kind !== 'comment')).trim())) return depth;
  const before = current.findLast((token) => token.kind !== 'space')?.text.toUpperCase();
  if (word === 'END') {
    const next =
      tokens
        .slice(index + 1)
        .find((token) => token.kind !== 'space')
        ?.text.toUpperCase() ?? '';
    return /^(IF|LOOP|WHILE|REPEAT|FOR)$/.test(next) ? depth : Math.max(0, depth - 1);
  }
  return before === 'END' ? depth : depth + 1;
}

function splitAtDelimiterLines(sql: string): { text: string; delimiter?: string }[] {
  const parts: { text: string; delimiter?: string }[] = [];
  let rest = 0;
  for (const match of sql.matchAll(/^[ \t]*DELIMITER[ \t]+(\S+)[ \t]*(?:\r?\n|$)/gim)) {
    parts.push({ text: sql.slice(rest, match.index) }, { text: match[0], delimiter: match[1]! });
    rest = match.index + match[0].length;
  }
  return [...parts, { text: sql.slice(rest) }];
}

function startsHere(tokens: readonly SqlToken[], index: number, delimiter: string): boolean {
  const { kind } = tokens[index]!;
  if (kind === 'string' || kind === 'name' || kind === 'comment') return false;
  let text = '';
  for (let next = index; next < tokens.length && text.length < delimiter.length; next++) text += tokens[next]!.text;
  return text === delimiter;
}

function tokenCount(tokens: readonly SqlToken[], index: number, delimiter: string): number {
  let count = 0;
  for (let text = ''; text.length < delimiter.length; count++) text += tokens[index + count]!.text;
  return count;
}

function linesBefore(text: string): number {
  return (/^(\s|--[^\n]*\n|#[^\n]*\n|\/\*(?!!)[\s\S]*?\*\/)*/.exec(text)?.[0] ?? '').split('\n').length - 1;
}

function toStatement(text: string, code: string, line: number, path: string): SqlStatement {
  if (transactional.test(code)) {
    throw new PolyshiftError('UNSUPPORTED_OPERATION', `Line ${line}: the script begins or ends transactions itself.`, {
      hint: 'Leave BEGIN and COMMIT out: `transaction` says how it runs.',
      place: { line, path },
    });
  }
  const bare = code.replace(/^\/\*!\d*\s*/, '');
  return { text, line, commits: committing.test(bare) && !temporary.test(bare) };
}
