import type { Operation, RunContext } from '@polyshift/core';
import { readTable, requireColumn, requireRowKey, type Table, type TableColumn } from '../catalog/table.ts';
import type { Database } from '../database.ts';
import { quote, quoteQualified } from '../identifiers.ts';
import { keyType } from '../row-images/image-table.ts';
import type { Mapping, Part } from './mapping.ts';
import type { OnlineNames, OnlineUndo } from './names.ts';
import { partCollection, partName } from './parts.ts';

interface PartWork {
  readonly database: Database;
  readonly operation: Operation<'online_change'>;
  readonly undo: OnlineUndo;
  readonly names: OnlineNames;
}

/**
 * Makes the tables of splits, empty, and gives the new version the columns of merges. What an earlier attempt has left of the tables is dropped:
 * nobody uses them yet, and none was there when the change began.
 */
export async function makeParts(work: PartWork, mapping: Mapping, old: Table, run: RunContext): Promise<Part[]> {
  const { database, operation, names } = work;
  const parts: Part[] = [];
  for (const [index, { into, fields, key }] of (operation.data.split ?? []).entries()) {
    const table = partName(operation, work.undo, into);
    const columns = requireRowKey(old).map((name, at) => ({ column: requireColumn(old, name), name: key?.[at] ?? name }));
    await database.use(async (connection) => {
      await connection.execute(`DROP TABLE IF EXISTS ${quoteQualified(names.schema, table)}`);
      await connection.execute(
        `CREATE TABLE ${quoteQualified(names.schema, table)} (${[
          ...columns.map(({ column, name }) => `${quote(name)} ${keyType(column)} NOT NULL`),
          ...fields.map((field) => nullable(requireColumn(old, field))),
          `PRIMARY KEY (${columns.map(({ name }) => quote(name)).join(', ')})`,
        ].join(', ')}) ENGINE=InnoDB${charsetOf(old)}`,
      );
    });
    await run.fault('part_created');
    const pairs = columns.map(({ column, name }) => ({ old: column.name, new: name }));
    parts.push({ ...place(work, `split${index + 1}`, table), kind: 'split', key: pairs, fields: [...fields], sparse: true });
  }
  for (const [index, { from, key }] of (operation.data.merge ?? []).entries()) {
    const name = partName(operation, work.undo, from);
    const table = await readTable(database, partCollection(operation, work.undo, name));
    const keys = key ?? requireRowKey(table);
    const fields = table.columns.filter((column) => !keys.includes(column.name));
    const added = fields.map((column) => `ADD COLUMN ${nullable(column)}`);
    await database.execute(`ALTER TABLE ${names.new} ${added.join(', ')}`);
    await run.fault('part_added');
    parts.push({
      ...place(work, `merge${index + 1}`, name),
      kind: 'merge',
      key: mapping.key.map((pair, at) => ({ old: keys[at]!, new: pair.new })),
      fields: fields.map((column) => column.name),
      sparse: fields.some((column) => !column.nullable),
    });
  }
  return parts;
}

function place(work: PartWork, id: string, table: string): Pick<Part, 'id' | 'table' | 'collection'> {
  return { id, table, collection: partCollection(work.operation, work.undo, table) };
}

/** A column of the same type that can be null, and that the store gives no value by itself. */
function nullable(column: TableColumn): string {
  const json = column.type.kind === 'json' && column.native !== 'json' ? ` CHECK (json_valid(${quote(column.name)}))` : '';
  return `${quote(column.name)} ${keyType(column)} NULL${json}`;
}

function charsetOf({ options }: Table): string {
  const found = /\bDEFAULT CHARSET=\w+( COLLATE[= ]\w+)?/i.exec(options);
  return found ? ` ${found[0]}` : '';
}
