/**
 * Seconds to wait for a lock of a row or of a table's definition before STORE_BUSY: whoever waits for a table's definition makes everybody
 * wait who comes behind. Callers try again after a pause.
 */
const lockWait = 5;

const settings = [
  'NAMES utf8mb4',
  "time_zone = '+00:00'",
  "sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  `lock_wait_timeout = ${lockWait}`,
  `innodb_lock_wait_timeout = ${lockWait}`,
  'wait_timeout = 28800',
  'net_write_timeout = 3600',
  'net_read_timeout = 3600',
  'foreign_key_checks = 1',
  'unique_checks = 1',
];

/**
 * Settings that only some servers have, each list tried by itself. Among them is what keeps the statistics of MySQL from being a day old; READ
 * COMMITTED, under which nobody waits for rows that are not there, has two names.
 */
export const optionalSettings = [
  "transaction_isolation = 'READ-COMMITTED'",
  "tx_isolation = 'READ-COMMITTED'",
  'information_schema_stats_expiry = 0, max_execution_time = 0',
  'max_statement_time = 0, idle_transaction_timeout = 0',
] as const;

/**
 * Sets a connection so that the text of a value says it all and is the same whatever the server's settings are. Zero dates and dates that no
 * calendar has are let through: rows that hold them must be copied as they are. Everything else that does not fit is an error.
 *
 * @param further those of the optional settings that the server has
 * @param options `waits: false` leaves the limits of waiting as they are
 */
export function settingsStatement(further: readonly string[] = [], { waits = true } = {}): string {
  const chosen = waits ? settings : settings.filter((setting) => !/timeout/.test(setting));
  return `SET ${[...chosen, ...further].join(', ')}`;
}
