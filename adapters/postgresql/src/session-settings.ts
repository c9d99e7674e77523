/**
 * What every connection is set to, so that the text form of a value says it all and is the same whatever the role's settings are; and
 * so that no time limit of the role ends a backfill. `row_security = off` makes a policy that would hide rows an error instead.
 */
const settings: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'iso_8601',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_monetary: 'C',
  client_min_messages: 'warning',
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  array_nulls: 'on',
  transform_null_equals: 'off',
  default_transaction_isolation: 'read committed',
  statement_timeout: '0',
  lock_timeout: '0',
  transaction_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  row_security: 'off',
};

/** One statement that sets them all, leaving out those that this server does not have. Its parameter is {@link settingsParameter}. */
export const settingsStatement = settingsText('$1', false);

/** The same with `values` in place of the parameter; `local`: for the time of the transaction. */
export function settingsText(values: string, local: boolean): string {
  return `SELECT set_config(s.name, w.value, ${local})
  FROM pg_settings s JOIN json_each_text(${values}::json) AS w(name, value) ON lower(w.name) = lower(s.name)
  UNION ALL
  SELECT set_config('synchronous_commit', 'on', ${local}) WHERE current_setting('synchronous_commit') = 'off'`;
}

/** See {@link settingsStatement}. */
export const settingsParameter = JSON.stringify(settings);

const { lock_timeout: _, ...withoutLockTimeout } = settings;

/** The same for scripts, whose reader decides how long they may wait for a lock: everybody who comes after them waits too. */
export const scriptSettingsParameter = JSON.stringify(withoutLockTimeout);
