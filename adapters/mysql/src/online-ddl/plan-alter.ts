import type { PlannedStep, Risk } from '@polyshift/core';
import { isPolyshiftError } from '@polyshift/core';
import type { Database } from '../database.ts';
import type { PlannedTable } from '../handler/planned-table.ts';
import { type AlterWay, alterTable } from './alter.ts';
import { onTrialTable } from './trial.ts';

/** A change of a table, for its plan. */
export interface PlannedAlter {
  readonly table: PlannedTable;
  readonly changes: string;
  /** What the change has to do with the rows where the server makes it in place. */
  readonly inplace: 'instant' | 'while it scans' | 'while it rewrites';
  readonly phase: PlannedStep['phase'];
  readonly undo: string;
  /** Where the change itself has none; what blocks writes says so anyway. */
  readonly risk?: Risk;
}

/**
 * The step of a plan: which way the server would go is found out on an empty copy of the table. Where that cannot be (no right to create
 * tables, a column that does not exist yet) the step says that the cheapest way will be asked for.
 */
export async function planAlter(database: Database, alter: PlannedAlter): Promise<PlannedStep> {
  const { table, changes, phase, undo, risk = 'none' } = alter;
  const way = await wayOf(database, table, changes);
  const statement = `ALTER TABLE ${table.sql} ${changes}${way?.clause ?? ''}`;
  const common = { statement, phase, rows: table.rows, undo };
  if (!way) return { ...common, risk, lock: { mode: `the least that the server takes on ${table.name}`, held: alter.inplace } };
  return {
    ...common,
    risk: way.blocks === 'nobody' ? risk : risk === 'none' ? 'blocks_writes' : risk,
    lock: { mode: `${lockMode(way)} on ${table.name}`, held: heldFor(way, alter.inplace) },
  };
}

function lockMode(way: AlterWay): string {
  return { nobody: 'NONE', writes: 'SHARED (writes wait)', everything: 'EXCLUSIVE (reads and writes wait)' }[way.blocks];
}

function heldFor(way: AlterWay, inplace: PlannedAlter['inplace']): NonNullable<PlannedStep['lock']>['held'] {
  if (way.algorithm === 'INSTANT') return 'instant';
  return way.algorithm === 'COPY' ? 'while it rewrites' : inplace;
}

async function wayOf(database: Database, table: PlannedTable, changes: string): Promise<AlterWay | undefined> {
  if (table.live?.kind !== 'table') return undefined;
  try {
    return await database.use((connection) =>
      onTrialTable(connection, table.sql, (trial) => alterTable(connection, trial, changes)),
    );
  } catch (error) {
    // What the real table would say to the change, the checks find out; a plan goes on.
    if (isPolyshiftError(error) && error.code !== 'CONNECTION_LOST') return undefined;
    throw error;
  }
}
