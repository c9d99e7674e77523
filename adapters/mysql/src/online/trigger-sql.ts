/** A trigger of an online change. */
export interface OnlineTrigger {
  readonly name: string;
  readonly sql: string;
}

/** What a write does to a row. */
export const events = ['DELETE', 'UPDATE', 'INSERT'] as const;
export type RowEvent = (typeof events)[number];

/**
 * Errors that say nothing of the row: waiting for locks, deadlocks, a full disk, a statement that is to stop. They reach the writer, as they
 * would without the other version; whatever else the other version says to a row is recorded, and the writer goes on.
 */
export const passing = [1021, 1041, 1053, 1114, 1205, 1206, 1213, 1290, 1317, 1614, 1792, 1836, 1927, 1969, 3024, 3058, 3572];

/** A look that locks nothing: only a SELECT that stands by itself is one, where a condition of IF or SET would lock gaps. */
export function looked(variable: string, from: string): string {
  return `SELECT COUNT(*) INTO ${variable} FROM ${from}`;
}

/**
 * Inserts a row that a look has not found. Where one with its key is there all the same, `polyshift_known` is 2 behind it, and `polyshift_reason` what the
 * server says.
 */
export function insertUnlessThere(table: string, columns: string, values: string): string {
  return `BEGIN
      DECLARE CONTINUE HANDLER FOR 1062 BEGIN
        GET DIAGNOSTICS CONDITION 1 polyshift_reason = MESSAGE_TEXT;
        SET polyshift_known = 2;
      END;
      INSERT INTO ${table} (${columns}) VALUES (${values});
    END`;
}

/** Behind {@link insertUnlessThere}: the row came after this transaction began to read, or another row has the same unique value, which is the writer's error. */
export function seeWhoseKey(table: string, where: string): string {
  return `IF polyshift_known = 2 THEN
      SELECT COUNT(*) INTO polyshift_known FROM ${table} WHERE ${where} FOR UPDATE;
      IF NOT polyshift_known THEN SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1062, MESSAGE_TEXT = polyshift_reason; END IF;
    END IF;`;
}
