import { hasSqlDetails, parse } from 'libpg-query';
import { ScriptError } from '../read/script-error.ts';
import { type PostgresqlStatement, statementKinds } from './statement.ts';

interface RawStatement {
  readonly stmt?: Readonly<Record<string, object>>;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

/**
 * Parses a script with PostgreSQL's own grammar.
 * @param transaction whether whoever runs the script wraps it in a transaction
 * @throws ScriptError with the place where it does not parse
 */
export async function parsePostgresql(script: string, transaction: boolean): Promise<PostgresqlStatement[]> {
  const raw = await parseTree(script);
  const offset = byteOffsets(script);
  const counter = new TransactionCounter(transaction);
  return raw.flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
    const [entry] = Object.entries(stmt ?? {});
    if (!entry) return [];
    const [tag, node] = entry;
    const from = offset(start);
    const end = length ? offset(start + length) : script.trimEnd().replace(/;$/, '').length;
    const lead = leadingBlank(script.slice(from, end));
    const at = from + lead;
    const kind = Object.hasOwn(statementKinds, tag) ? tag : 'other';
    const place = {
      at,
      end,
      tag,
      text: script.slice(at, end).trim(),
      transaction: counter.next(tag, node),
      offset: (location: number | undefined) => (location === undefined || location < 0 ? undefined : offset(location)),
    };
    return [{ ...place, kind, node } as PostgresqlStatement];
  });
}

async function parseTree(script: string): Promise<readonly RawStatement[]> {
  try {
    return ((await parse(script)) as { stmts?: RawStatement[] }).stmts ?? [];
  } catch (error) {
    if (!hasSqlDetails(error) || !error.sqlDetails) throw error;
    const at = [...script].slice(0, error.sqlDetails.cursorPosition).join('').length;
    throw new ScriptError(error.sqlDetails.message, at);
  }
}

/** The length of blanks and comments at the beginning of a text. */
function leadingBlank(text: string): number {
  const lead = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0].length ?? 0;
  return lead === text.length ? 0 : lead;
}

/** From offsets in bytes, as the parser counts, to offsets in characters. */
function byteOffsets(script: string): (bytes: number) => number {
  const buffer = Buffer.from(script);
  if (buffer.length === script.length) return (bytes) => bytes;
  return (bytes) => buffer.subarray(0, bytes).toString().length;
}

/** Numbers the transactions of a script. */
class TransactionCounter {
  private open: number | undefined;
  private last = 0;

  constructor(wrapped: boolean) {
    if (wrapped) this.begin();
  }

  /** The transaction that a statement runs in; BEGIN and COMMIT belong to the one that they open or close. */
  next(tag: string, node: object): number | undefined {
    if (tag !== 'TransactionStmt') return this.open;
    const { kind } = node as { kind: string };
    if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') {
      if (this.open === undefined) this.begin();
      return this.open;
    }
    const current = this.open;
    if (/^TRANS_STMT_(COMMIT|ROLLBACK|PREPARE)/.test(kind) && kind !== 'TRANS_STMT_ROLLBACK_TO') this.open = undefined;
    return current;
  }

  private begin(): void {
    this.last += 1;
    this.open = this.last;
  }
}
