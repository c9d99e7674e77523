import { Cursor } from './cursor.ts';
import { readAlterTable } from './parse-alter-table.ts';
import { readCreate } from './parse-create.ts';
import { readDrop } from './parse-drop.ts';
import { readDelete, readInsert, readUpdate } from './parse-rows.ts';
import { readSet } from './parse-set.ts';
import { splitStatements } from './split.ts';
import type { MysqlStatement, StatementBody } from './statement.ts';

/** Statements that begin with one of these words and that no rule looks into; anything else is not SQL. */
const others = new Set(
  (
    'SELECT WITH VALUES TABLE SHOW USE DESCRIBE DESC EXPLAIN CALL DO HANDLER LOAD IMPORT GRANT REVOKE ALTER CHANGE PURGE RESET ' +
    'START STOP SIGNAL RESIGNAL GET PREPARE EXECUTE DEALLOCATE XA INSTALL UNINSTALL KILL SHUTDOWN CACHE CHECKSUM HELP BINLOG CLONE ' +
    'RESTART BACKUP UNLOCK RENAME BEGIN CREATE DROP SET ( RELEASE DELIMITER'
  ).split(' '),
);

/**
 * Reads a script for MySQL or MariaDB. Definitions of tables are read whole; of all other statements as much as rules need.
 * @throws ScriptError with the place where it is not SQL
 */
export function parseMysql(script: string): MysqlStatement[] {
  return splitStatements(script).map((tokens) => {
    const { at } = tokens[0];
    const { end } = tokens.at(-1)!;
    return { ...readStatement(new Cursor(tokens, end)), at, end };
  });
}

function readStatement(cursor: Cursor): StatementBody {
  const first = cursor.peek()!;
  if (cursor.is('ALTER', 'TABLE') || cursor.is('ALTER', 'ONLINE') || cursor.is('ALTER', 'IGNORE')) return readAlterTable(cursor);
  if (cursor.take('CREATE')) return readCreate(cursor);
  if (cursor.take('DROP')) return readDrop(cursor);
  if (cursor.take('UPDATE')) return readUpdate(cursor);
  if (cursor.take('DELETE')) return readDelete(cursor);
  if (cursor.takeOne('INSERT', 'REPLACE')) return readInsert(cursor);
  if (cursor.take('TRUNCATE')) {
    cursor.take('TABLE');
    return { kind: 'truncate', table: cursor.table() };
  }
  if (cursor.take('RENAME', 'TABLE') || cursor.take('RENAME', 'TABLES')) return readRenameTable(cursor);
  if (cursor.take('SET')) return readSet(cursor);
  if (cursor.take('LOCK')) return readLock(cursor);
  const maintenance = cursor.takeOne('OPTIMIZE', 'ANALYZE', 'REPAIR', 'CHECK', 'FLUSH');
  if (maintenance !== undefined) return readMaintenance(cursor, maintenance);
  const transaction = readTransaction(cursor);
  if (transaction) return transaction;
  if (!others.has(first.value)) throw cursor.unexpected('a statement');
  return {
    kind: 'other',
    words: cursor
      .rest()
      .slice(0, 8)
      .map(({ value }) => value),
  };
}

function readRenameTable(cursor: Cursor): StatementBody {
  const pairs: { old: string; name: string }[] = [];
  do {
    cursor.take('IF', 'EXISTS');
    const old = cursor.table();
    if (cursor.take('WAIT')) cursor.next();
    cursor.take('NOWAIT');
    cursor.expect('TO');
    pairs.push({ old, name: cursor.table() });
  } while (cursor.take(','));
  return { kind: 'rename_table', pairs };
}

function readLock(cursor: Cursor): StatementBody {
  if (!cursor.takeOne('TABLES', 'TABLE'))
    return {
      kind: 'other',
      words: [
        'LOCK',
        ...cursor
          .rest()
          .slice(0, 7)
          .map(({ value }) => value),
      ],
    };
  const tables: string[] = [];
  let write = false;
  do {
    tables.push(cursor.table());
    if (cursor.take('AS') || !cursor.peek()?.value.match(/^(READ|WRITE|LOW_PRIORITY)$/)) cursor.name();
    cursor.take('LOW_PRIORITY');
    if (cursor.take('WRITE')) write = true;
    else cursor.expect('READ');
    cursor.take('LOCAL');
  } while (cursor.take(','));
  return { kind: 'lock_tables', tables, write };
}

function readMaintenance(cursor: Cursor, verb: string): StatementBody {
  cursor.takeOne('NO_WRITE_TO_BINLOG', 'LOCAL');
  const tables: string[] = [];
  if (cursor.takeOne('TABLE', 'TABLES') && cursor.peek()?.value !== 'WITH') {
    while (!cursor.done && (cursor.peek()!.kind === 'word' || cursor.peek()!.kind === 'name')) {
      tables.push(cursor.table());
      if (!cursor.take(',')) break;
    }
  }
  const rest = cursor
    .rest()
    .map(({ value }) => value)
    .join(' ');
  return { kind: 'maintenance', verb: verb === 'FLUSH' && rest.includes('READ LOCK') ? 'FLUSH WITH READ LOCK' : verb, tables };
}

function readTransaction(cursor: Cursor): StatementBody | undefined {
  if (
    cursor.take('START', 'TRANSACTION') ||
    (cursor.is('BEGIN') && (cursor.peek(1) === undefined || cursor.is('BEGIN', 'WORK')))
  ) {
    return { kind: 'transaction', verb: 'begin' };
  }
  if (cursor.take('COMMIT')) return { kind: 'transaction', verb: 'commit' };
  if (cursor.is('SAVEPOINT') || cursor.is('RELEASE', 'SAVEPOINT')) return { kind: 'transaction', verb: 'savepoint' };
  if (!cursor.take('ROLLBACK')) return undefined;
  cursor.take('WORK');
  return { kind: 'transaction', verb: cursor.is('TO') ? 'savepoint' : 'rollback' };
}
