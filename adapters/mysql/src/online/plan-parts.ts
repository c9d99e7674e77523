import type { Operation, PlannedStep } from '@polyshift/core';
import { operationRegistry } from '@polyshift/core';
import type { PlannedTable } from '../handler/planned-table.ts';
import { quote, quoteList } from '../identifiers.ts';

/** What the splits and merges of an online change come to, by phase. */
export function planParts(
  { data, batch_size }: Operation<'online_change'>,
  table: PlannedTable,
  fresh: string,
): Record<'expand' | 'migrate' | 'contract', PlannedStep[]> {
  const instant = (name: string) => ({ mode: `EXCLUSIVE on ${name}, for a second at most`, held: 'instant' }) as const;
  const none = { mode: 'none on tables in use', held: 'none' } as const;
  const key = table.live?.rowKey ?? [];
  const triggers = (name: string): PlannedStep => ({
    statement: `CREATE TRIGGER ... AFTER INSERT, UPDATE, DELETE ON ${quote(name)}`,
    phase: 'expand',
    lock: instant(name),
    risk: 'none',
    undo: 'Drops the triggers.',
  });
  const steps: Record<'expand' | 'migrate' | 'contract', PlannedStep[]> = { expand: [], migrate: [], contract: [] };
  for (const { into, fields, key: names } of data.split ?? []) {
    const keys = quoteList(names ?? key);
    const undo = `Drops ${into}; the old version has every write.`;
    steps.expand.push(
      {
        statement: `CREATE TABLE ${quote(into)} (${keys}, ${quoteList(fields)}, PRIMARY KEY (${keys}))`,
        phase: 'expand',
        lock: none,
        risk: 'none',
        undo,
      },
      { ...triggers(into), lock: none },
    );
    steps.migrate.push({
      statement: `INSERT INTO ${quote(into)} SELECT ${quoteList([...key, ...fields])} FROM ${table.sql} WHERE ... -- by key, about ${batch_size} rows a chunk`,
      phase: 'migrate',
      rows: table.rows,
      lock: { mode: `the rows of one chunk of ${table.name}`, held: 'none' },
      risk: operationRegistry.online_change.risk,
      undo,
    });
    steps.contract.push({
      statement: `DROP TRIGGER ... ON ${quote(into)} -- by finalize`,
      phase: 'contract',
      lock: instant(into),
      risk: 'none',
      undo: 'None: the old version ends here.',
    });
  }
  for (const { from, fields } of data.merge ?? []) {
    steps.expand.push(
      {
        statement: `ALTER TABLE ${fresh} ADD COLUMN ${fields === undefined ? `... /* the fields of ${from} */` : quoteList(fields)}`,
        phase: 'expand',
        lock: none,
        risk: 'none',
        undo: 'Drops the new version; the old one has every write.',
      },
      triggers(from),
    );
    steps.contract.push({
      statement: `RENAME TABLE ${quote(from)} TO ... -- by finalize, in one statement with ${table.name}`,
      phase: 'contract',
      lock: instant(from),
      risk: 'none',
      undo: 'None: the old version ends here.',
    });
  }
  return steps;
}
