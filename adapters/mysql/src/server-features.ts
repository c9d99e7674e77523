import { isPolyshiftError, type ServerInfo } from '@polyshift/core';
import type { Queryable } from './connection.ts';

/** In what the servers that speak this protocol differ, found out by trying and looking. */
export interface Dialect {
  /** JSON is a type of its own, which rewrites texts (MySQL); else it is text with a check (MariaDB). */
  readonly nativeJson: boolean;
  /** The word for an index that queries do not use: INVISIBLE (MySQL), IGNORED (MariaDB); undefined where there is none. */
  readonly hiddenIndex: 'INVISIBLE' | 'IGNORED' | undefined;
  /** A session can add a check without looking at the rows that are there (MariaDB). */
  readonly uncheckedChecks: boolean;
  /** A collation of utf8mb4 in which texts are equal only byte for byte, trailing spaces included. */
  readonly exactCollation: string;
  /** Bytes in one statement, at most. */
  readonly maxPacket: number;
  /** A client may send rows as a file (LOAD DATA LOCAL), and they are written in the transaction that it is in. */
  readonly loadsFiles: boolean;
}

interface Look {
  version: string;
  comment: string;
  packet: string | number;
  visible: string | number;
  ignored: string | number;
  collation: string | null;
  local_files: string | number;
  read_only: string | number;
}

/** Asks the server what it is and what it has; its version is only for people. */
export async function describeServer(connection: Queryable): Promise<{ server: ServerInfo; dialect: Dialect }> {
  const columnOf = (column: string): string =>
    `(SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'information_schema' AND table_name = 'STATISTICS' AND column_name = '${column}')`;
  const look =
    (await connection.row<Look>(`SELECT VERSION() AS version, @@version_comment AS comment, @@max_allowed_packet AS packet,
    @@local_infile AS local_files, @@read_only AS read_only, ${columnOf('IS_VISIBLE')} AS visible, ${columnOf('IGNORED')} AS ignored,
    (SELECT MIN(collation_name) FROM information_schema.collations WHERE collation_name IN ('utf8mb4_0900_bin', 'utf8mb4_nopad_bin')) AS collation`))!;
  const nativeJson = await answers(connection, `SELECT CAST('{}' AS JSON)`);
  const uncheckedChecks = await answers(connection, 'SELECT @@check_constraint_checks');
  // Galera before its fourth version commits in the midst of a file.
  const [splits] = await connection.rows(
    "SHOW GLOBAL VARIABLES WHERE Variable_name = 'wsrep_load_data_splitting' AND Value IN ('ON', '1')",
  );
  const local_infile = Number(look.local_files) === 1;
  const hiddenIndex = Number(look.visible) > 0 ? 'INVISIBLE' : Number(look.ignored) > 0 ? 'IGNORED' : undefined;
  return {
    dialect: {
      nativeJson,
      hiddenIndex,
      uncheckedChecks,
      exactCollation: look.collation ?? 'utf8mb4_bin',
      maxPacket: Number(look.packet),
      loadsFiles: local_infile && splits === undefined,
    },
    server: {
      product: /mariadb/i.test(`${look.version} ${look.comment}`) ? 'MariaDB' : 'MySQL',
      version: /^[\d.]+/.exec(look.version)?.[0] ?? look.version,
      stand_in: false,
      features: {
        transactions: true,
        native_json: nativeJson,
        hidden_indexes: hiddenIndex !== undefined,
        unchecked_checks: uncheckedChecks,
        local_infile,
        read_only: Number(look.read_only) === 1,
      },
    },
  };
}

/** Whether the server takes a statement; what it does not know is a syntax error or an unknown variable. */
async function answers(connection: Queryable, sql: string): Promise<boolean> {
  try {
    await connection.rows(sql);
    return true;
  } catch (error) {
    if (isPolyshiftError(error) && (error.code === 'INVALID_SYNTAX' || error.code === 'STATEMENT_FAILED')) return false;
    throw error;
  }
}
