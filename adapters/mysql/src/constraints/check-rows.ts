import { type Check, type Constraint, checkThat, fail, listExamples, pass } from '@polyshift/core';
import { fieldsOf, readTable, requireColumn, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { duplicateCheck, findRows } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import { compileUnique } from '../indexes/definition.ts';
import type { Dialect } from '../server-features.ts';

/** Looks for rows that break a constraint before it is added (R4), and names them. */
export async function checkRows(
  connection: Connection,
  table: Table,
  constraint: Constraint,
  dialect: Dialect,
): Promise<Check[]> {
  switch (constraint.kind) {
    case 'not_null':
      return [await nullCheck(connection, table, [constraint.field])];
    case 'primary_key':
      return [
        await nullCheck(connection, table, constraint.fields),
        await duplicateCheck(connection, table, constraint.fields.map(quote)),
      ];
    case 'unique': {
      const index = compileUnique('unique', constraint.fields, (field) => requireColumn(table, field), dialect);
      return [await duplicateCheck(connection, table, index.keys, { names: index.fields })];
    }
    case 'check': {
      // A check is broken by false only: null passes.
      const broken = `NOT (${constraint.expression})`;
      const row = await connection.row<{ count: string }>(`SELECT COUNT(*) AS count FROM ${table.sql} WHERE ${broken}`);
      const keys = table.rowKey.map(quote).join(', ');
      const found =
        Number(row!.count) === 0 || keys === ''
          ? []
          : await connection.values(`SELECT ${keys} FROM ${table.sql} WHERE ${broken} LIMIT 5`);
      return [
        checkThat(Number(row!.count) === 0, 'constraint_holds', {
          pass: `every row of ${table.name} fulfils ${constraint.expression}`,
          fail: `${row!.count} rows of ${table.name} break ${constraint.expression}${found.map((key) => ` (${table.rowKey.join(', ')}=${key.join(', ')})`).join('')}`,
          action: 'Correct these rows first.',
        }),
      ];
    }
    case 'foreign_key':
      return await foreignKeyChecks(connection, table, constraint);
  }
}

async function nullCheck(connection: Connection, table: Table, fields: readonly string[]): Promise<Check> {
  const terms = fields.map((field) => `r.${quote(requireColumn(table, field).name)} IS NULL`);
  const found = await findRows(connection, table, terms.join(' OR '));
  return checkThat(
    found.count === 0,
    'null_values',
    {
      pass: `no row of ${table.name} lacks ${fields.join(', ')}`,
      fail: `${found.count} rows of ${table.name} have null in ${fields.join(', ')}${listExamples(found)}`,
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
  const wanted = constraint.references.fields;
  if (constraint.fields.length !== wanted.length) {
    return [
      fail(
        'same_length',
        'the key and what it references differ in their number of fields',
        'Name as many fields on both sides.',
      ),
    ];
  }
  const pairs = constraint.fields.map((field, index) => ({
    from: quote(requireColumn(table, field).name),
    to: quote(requireColumn(other, wanted[index] ?? '').name),
  }));
  const unique = other.indexes.some(
    (index) =>
      index.kind !== 'plain' &&
      fieldsOf(index).length === wanted.length &&
      fieldsOf(index).every((field) => wanted.includes(field)),
  );
  const join = pairs.map(({ from, to }) => `p.${to} = r.${from}`).join(' AND ');
  const present = pairs.map(({ from }) => `r.${from} IS NOT NULL`).join(' AND ');
  const orphans = await findRows(
    connection,
    table,
    `${present} AND NOT EXISTS (SELECT 1 FROM ${other.sql} AS p WHERE ${join})`,
    constraint.fields,
  );
  return [
    unique
      ? pass('referenced_key', `${other.name} has a unique key over ${wanted.join(', ')}`)
      : fail('referenced_key', `${other.name} has no unique key over ${wanted.join(', ')}`, 'Add one first, by add_constraint.'),
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
