import { type Check, type Constraint, checkThat, fail, listExamples, pass } from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { duplicateCheck } from '../handler/duplicates.ts';
import { findRows } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import { constraintColumns } from './compile.ts';

/** Looks for rows that break a constraint before it is added (R4), and names them. */
export async function checkRows(connection: Connection, table: Table, constraint: Constraint): Promise<Check[]> {
  const columns = constraintColumns(constraint, table);
  switch (constraint.kind) {
    case 'not_null':
      return [await nullCheck(connection, table, columns)];
    case 'primary_key':
      return [
        await nullCheck(connection, table, columns),
        await duplicateCheck(connection, table, columns, { nullsDistinct: true }),
      ];
    case 'unique':
      return [await duplicateCheck(connection, table, columns, { nullsDistinct: constraint.nulls_distinct })];
    case 'check': {
      // A check is broken by false only: null passes.
      const found = await findRows(connection, table, `(${constraint.expression}) IS FALSE`, { alias: table.name });
      return [
        checkThat(found.count === 0, 'constraint_holds', {
          pass: `every row of ${table.name} fulfils ${constraint.expression}`,
          fail: `${found.count} rows of ${table.name} break ${constraint.expression}${listExamples(found)}`,
          action: 'Correct these rows first.',
        }),
      ];
    }
    case 'foreign_key':
      return await foreignKeyChecks(connection, table, constraint);
  }
}

async function nullCheck(connection: Connection, table: Table, columns: readonly string[]): Promise<Check> {
  const found = await findRows(connection, table, columns.map((column) => `r.${column} IS NULL`).join(' OR '));
  return checkThat(
    found.count === 0,
    'null_values',
    {
      pass: `no row of ${table.name} lacks ${columns.join(', ')}`,
      fail: `${found.count} rows of ${table.name} have null in ${columns.join(', ')}${listExamples(found)}`,
      action: 'Give these rows a value first, for example by migrate_data.',
    },
    { rows: found.count, examples: [...found.examples] },
  );
}

async function foreignKeyChecks(
  connection: Connection,
  table: Table,
  constraint: Constraint & { kind: 'foreign_key' },
): Promise<Check[]> {
  const other = await readTable(connection, constraint.references.collection);
  const pairs = constraint.fields.map((field, index) => ({
    from: quote(requireColumn(table, field).name),
    to: quote(requireColumn(other, constraint.references.fields[index] ?? '').name),
  }));
  if (constraint.fields.length !== constraint.references.fields.length) {
    return [
      fail(
        'same_length',
        'the key and what it references differ in their number of fields',
        'Name as many fields on both sides.',
      ),
    ];
  }
  const unique = await connection.row<{ fits: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
       AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text) FROM unnest(i.indkey[0:i.indnkeyatts - 1]) AS k(number)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number) = (SELECT array_agg(f ORDER BY f) FROM json_array_elements_text($2::json) AS f)) AS fits`,
    [other.oid, JSON.stringify(constraint.references.fields)],
  );
  const join = pairs.map(({ from, to }) => `p.${to} = r.${from}`).join(' AND ');
  const present = pairs.map(({ from }) => `r.${from} IS NOT NULL`).join(' AND ');
  const orphans = await findRows(connection, table, `${present} AND NOT EXISTS (SELECT FROM ${other.sql} AS p WHERE ${join})`, {
    show: constraint.fields,
  });
  return [
    unique?.fits === true
      ? pass('referenced_key', `${other.name} has a unique key over ${constraint.references.fields.join(', ')}`)
      : fail(
          'referenced_key',
          `${other.name} has no unique key over ${constraint.references.fields.join(', ')}`,
          'Add one first, by add_constraint.',
        ),
    checkThat(
      orphans.count === 0,
      'orphans',
      {
        pass: `every row of ${table.name} finds its row in ${other.name}`,
        fail: `${orphans.count} rows of ${table.name} refer to rows that ${other.name} does not have${listExamples(orphans)}`,
        action: 'Add the missing rows, or delete or correct the orphans.',
      },
      { rows: orphans.count, examples: [...orphans.examples] },
    ),
  ];
}
