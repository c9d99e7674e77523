import type { Operation, PlannedStep } from '@polyshift/core';
import { quote, quoteList, quoteQualified } from '../identifiers.ts';
import { splitName } from './part-tables.ts';

type Change = Operation<'online_change'>;

/** The statements that make the tables of a split, and give the new version the fields of a merge. */
export function planParts(
  { data }: Change,
  old: string,
  version: string,
  { schema, undo }: { readonly schema: string; readonly undo: string },
): PlannedStep[] {
  const step = (statement: string): PlannedStep => ({
    statement,
    phase: 'expand',
    lock: { mode: 'none but on new tables', held: 'none' },
    rows: 0,
    risk: 'none',
    undo,
  });
  return [
    ...(data.split ?? []).map(({ into, fields, key }) =>
      step(
        `CREATE TABLE ${quoteQualified(schema, splitName(into, schema))} (${key ? quoteList(key) : 'the key'}, ${quoteList(fields)}) -- as in ${old}; ALTER TABLE ${version} ${fields.map((field) => `DROP COLUMN ${quote(field)}`).join(', ')}`,
      ),
    ),
    ...(data.merge ?? []).map(({ from, fields }) =>
      step(
        `ALTER TABLE ${version} ${fields ? fields.map((field) => `ADD COLUMN ${quote(field)} ...`).join(', ') : 'ADD COLUMN ...'} -- the fields of ${from}`,
      ),
    ),
  ];
}

/** The statements that connect the parts, and copy their rows. */
export function planPartRows({ data }: Change, old: string, version: string, undo: string): PlannedStep[] {
  const connected = (table: string, hub: string): PlannedStep => ({
    statement: `CREATE TRIGGER ... ON ${hub}; CREATE TRIGGER ... ON ${table} -- each write to the fields of either is carried to the other`,
    phase: 'expand',
    lock: { mode: `SHARE ROW EXCLUSIVE on both`, held: 'instant' },
    risk: 'none',
    undo,
  });
  const copied = (statement: string): PlannedStep => ({
    statement: `${statement} -- by key, about half a second a batch; rows that are locked later`,
    phase: 'migrate',
    lock: { mode: 'ROW EXCLUSIVE', held: 'none' },
    risk: 'none',
    undo,
  });
  return [
    ...(data.split ?? []).flatMap(({ into, fields }) => [
      connected(into, old),
      copied(
        `INSERT INTO ${into} SELECT ... FROM ${old} WHERE ${fields.map((field) => `${quote(field)} IS NOT NULL`).join(' OR ')} ON CONFLICT DO NOTHING`,
      ),
    ]),
    ...(data.merge ?? []).flatMap(({ from }) => [connected(from, version), copied(`UPDATE ${version} SET ... FROM ${from}`)]),
  ];
}

/** What finalize does to merged tables, as the end of a statement. */
export function mergedAside({ data }: Change): string {
  return (data.merge ?? []).map(({ from }) => `; ALTER TABLE ${from} SET SCHEMA polyshift_aside_...`).join('');
}
