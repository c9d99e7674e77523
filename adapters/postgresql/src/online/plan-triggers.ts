import type { PlannedStep } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import type { Database } from '../database.ts';
import { readUserTriggers } from './user-triggers.ts';

/** What happens to the triggers of the user on the old version; nothing where it has none. */
export async function planTriggers(database: Database, table: Table | undefined): Promise<PlannedStep[]> {
  if (!table) return [];
  const triggers = await database.transaction((connection) => readUserTriggers(connection, table.oid), { read_only: true });
  if (triggers.length === 0) return [];
  const mode = triggers.some(({ constraint }) => constraint) ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE';
  return [
    {
      statement: `CREATE OR REPLACE TRIGGER ... ON ${table.sql} ... WHEN (...) -- for ${triggers.map(({ name }) => name).join(', ')}: on both versions, and not for what is carried over`,
      phase: 'expand',
      lock: { mode: `${mode} on ${table.name}`, held: 'instant' },
      risk: 'none',
      undo: 'Gives the triggers their own form back.',
    },
  ];
}
