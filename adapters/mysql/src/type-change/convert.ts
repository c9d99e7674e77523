import { type FoundRows, isPolyshiftError } from '@polyshift/core';
import { ColumnDefinition } from '../catalog/column-definition.ts';
import { requireRowKey, type Table, type TableColumn } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { findRows } from '../handler/examples.ts';
import type { ResolvedType } from '../handler/type-reference.ts';
import { quote, quoteList } from '../identifiers.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import { keyType, storageType } from '../row-images/image-table.ts';
import { sameExactly } from '../values/literal.ts';

/**
 * The definition of the column with its new type, and with its default if the server takes that in one of its forms: found out on an empty copy.
 * Throws the server's refusal.
 */
export async function newDefinition(connection: Connection, table: Table, column: TableColumn, type: string): Promise<string> {
  const whole = ColumnDefinition.parse(column.definition).withType(type);
  const candidates = [
    whole,
    ...(column.default === undefined ? [] : [whole.withDefault(`(${column.default})`), whole.withDefault(undefined)]),
  ];
  return await onTrialTable(connection, table.sql, async (trial) => {
    let refusal: unknown;
    for (const candidate of candidates) {
      try {
        await connection.execute(`ALTER TABLE ${trial} MODIFY COLUMN ${quote(column.name)} ${candidate}`);
        return candidate.toString();
      } catch (error) {
        if (!isPolyshiftError(error)) throw error;
        refusal ??= error;
      }
    }
    throw refusal;
  });
}

/** What a trial of the conversion of every value found. */
export interface TriedConversion {
  /** Values that the new type refuses, by the server's warnings. */
  readonly refused: { count: number; examples: string[] };
  /** Values that do not come back the same: rounded or cut. */
  readonly changed: FoundRows;
}

/** Converts every value there and back in a temporary table. `using` is SQL over the row; null: the server converts by itself. */
export async function tryConversion(
  connection: Connection,
  table: Table,
  column: TableColumn,
  target: ResolvedType,
  using: string | null,
): Promise<TriedConversion> {
  const key = requireRowKey(table);
  const keys = key.map((name) => table.columns.find((each) => each.name === name)!);
  const parts = [
    ...keys.map((each) => `${quote(each.name)} ${keyType(each)} NOT NULL`),
    `polyshift_b ${storageType(column)} NULL`,
    `polyshift_a ${target.sql} NULL`,
    `polyshift_z ${storageType(column)} NULL`,
    `PRIMARY KEY (${quoteList(key)})`,
  ];
  await connection.execute('DROP TEMPORARY TABLE IF EXISTS polyshift_conversion');
  await connection.execute(`CREATE TEMPORARY TABLE polyshift_conversion (${parts.join(', ')}) ENGINE=InnoDB`);
  const name = quote(column.name);
  // As warnings, so that all refusals are found and not only the first; the change itself is strict.
  await connection.execute(
    `INSERT IGNORE INTO polyshift_conversion SELECT ${[...key.map(quote), name, using ?? name].join(', ')}, NULL FROM ${table.sql}`,
  );
  const warnings = await connection.values('SHOW WARNINGS');
  const refused = warnings.filter(([level, , message]) => level !== 'Note' && !/Duplicate entry/.test(String(message)));
  const found = { count: refused.length, examples: refused.slice(0, 5).map(([, , message]) => String(message)) };
  if (found.count > 0) return { refused: found, changed: { count: 0, examples: [] } };
  await connection.execute('UPDATE IGNORE polyshift_conversion SET polyshift_z = polyshift_a');
  const copy = { sql: 'polyshift_conversion', rowKey: [...key] };
  const differs = `NOT (${sameExactly(column, 'r.polyshift_z', 'r.polyshift_b')})`;
  const changed =
    using === null ? await findRows(connection, copy, differs, ['polyshift_b', 'polyshift_a']) : { count: 0, examples: [] };
  await connection.execute('DROP TEMPORARY TABLE polyshift_conversion');
  return { refused: found, changed };
}
