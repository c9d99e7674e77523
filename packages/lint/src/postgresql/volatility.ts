import { words } from './names.ts';
import type { Expression, Word } from './tree.ts';

/** Functions of the server that give the same value for all rows of a statement, or for the same arguments. */
export const stableFunctions: ReadonlySet<string> = new Set(
  (
    'now transaction_timestamp statement_timestamp current_setting current_schema current_user session_user current_database version ' +
    'lower upper initcap trim btrim ltrim rtrim concat concat_ws format length char_length octet_length left right substr substring ' +
    'replace repeat reverse lpad rpad split_part md5 sha256 encode decode to_char to_date to_timestamp to_number date_trunc date_part ' +
    'make_date make_interval make_timestamp age abs ceil ceiling floor round trunc sign sqrt power mod div greatest least coalesce ' +
    'nullif array_fill array_length cardinality array_append array_cat jsonb_build_object json_build_object jsonb_build_array ' +
    'json_build_array to_json to_jsonb jsonb_set int4range int8range numrange tsrange tstzrange daterange numeric int4 int8 text ' +
    'bool timezone pg_backend_pid inet_client_addr txid_current pg_current_xact_id'
  ).split(' '),
);

/**
 * The first call in an expression that may give another value for each row: a volatile function of the server, or one that is not known,
 * since functions of users are volatile unless they say otherwise. Undefined where there is none.
 */
export function volatileCall(expression: Expression): string | undefined {
  const pending: unknown[] = [expression];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'FuncCall') {
        const name = words((value as { funcname: readonly Word[] }).funcname).at(-1) ?? '';
        if (!stableFunctions.has(name)) return name;
      }
      pending.push(value);
    }
  }
  return undefined;
}
