import { isPolyshiftError } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import { errorNumber } from '../errors.ts';

/** A way in which the server can change a table, the cheapest first. */
export interface AlterWay {
  /** What is written behind the change. */
  readonly clause: string;
  readonly algorithm: 'INSTANT' | 'INPLACE' | 'COPY';
  /** Who has to wait while it runs: nobody, writers, or everybody. */
  readonly blocks: 'nobody' | 'writes' | 'everything';
}

const ways: readonly AlterWay[] = [
  { clause: ', ALGORITHM=INSTANT', algorithm: 'INSTANT', blocks: 'nobody' },
  { clause: ', ALGORITHM=INPLACE, LOCK=NONE', algorithm: 'INPLACE', blocks: 'nobody' },
  { clause: ', ALGORITHM=INPLACE, LOCK=SHARED', algorithm: 'INPLACE', blocks: 'writes' },
  { clause: ', ALGORITHM=COPY, LOCK=SHARED', algorithm: 'COPY', blocks: 'writes' },
  { clause: ', ALGORITHM=COPY, LOCK=EXCLUSIVE', algorithm: 'COPY', blocks: 'everything' },
];

/**
 * What the server answers where a way is not open: ER_ALTER_OPERATION_NOT_SUPPORTED, the same with a reason, ER_INNODB_MAX_ROW_VERSION, and
 * ER_UNKNOWN_ALTER_ALGORITHM.
 */
const notThisWay = new Set([1845, 1846, 4092, 1800]);

/**
 * Changes a table in the cheapest way that the server takes: each is asked for by name, and refused before anything is done. Gives the way
 * that was taken.
 */
export async function alterTable(connection: Connection, table: string, changes: string): Promise<AlterWay> {
  for (const [index, way] of ways.entries()) {
    try {
      await connection.execute(`ALTER TABLE ${table} ${changes}${way.clause}`);
      return way;
    } catch (error) {
      const refused = isPolyshiftError(error) && notThisWay.has(errorNumber(error) ?? 0);
      if (!refused || index === ways.length - 1) throw error;
    }
  }
  throw new Error('unreachable: the last way has either been taken or thrown');
}
