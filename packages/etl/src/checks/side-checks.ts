import { type CheckOutcome, type Conditions, columnSum, distinctValues, type StoreSession } from '@polyshift/core';
import type { LoadedSpec } from '../spec/load-spec.ts';
import type { TwoSidedCheck } from '../spec/spec-checks.ts';

/** The sessions of both stores. */
export interface Sides {
  readonly source: StoreSession;
  readonly target: StoreSession;
}

/** A check that asks both stores for the same thing. */
type MeasuredCheck = Exclude<TwoSidedCheck, { check: 'same_rows' }>;

/** Which rows of a side, as the spec says. */
interface Rows {
  readonly collection?: string | undefined;
  readonly conditions?: Conditions | undefined;
}

/** Which rows of a side, defaults filled in. */
interface AskedRows {
  readonly collection: string;
  readonly conditions: Conditions | undefined;
  readonly field?: string;
  readonly fields?: readonly string[];
}

/** Asks both stores for a count or a sum, and holds one against the other. Reads only. */
export async function compareSides(check: MeasuredCheck, loaded: LoadedSpec, { source, target }: Sides): Promise<CheckOutcome> {
  const from = withDefaults(check.source, sourceRows(loaded));
  const to = withDefaults(check.target, { collection: loaded.flows[0]!.branches[0]!.target_table, conditions: undefined });
  // One after the other: the two stores may be one server.
  const left = await measure(check.check, source, { ...check.source, ...from });
  const right = await measure(check.check, target, { ...check.target, ...to });
  const what = words[check.check];
  return {
    broken: left !== right,
    message:
      left === right
        ? `${from.collection} and ${to.collection} have the same ${what}: ${left}`
        : `${from.collection} at the source has the ${what} ${left}, ${to.collection} at the target ${right}`,
    data: { source: left, target: right },
  };
}

const words = {
  same_row_count: 'number of rows',
  same_column_sum: 'sum',
  same_distinct_count: 'number of different values',
} satisfies Record<MeasuredCheck['check'], string>;

async function measure(check: MeasuredCheck['check'], session: StoreSession, rows: AskedRows): Promise<number | string> {
  switch (check) {
    case 'same_row_count':
      return session.count(rows.collection, rows.conditions);
    case 'same_column_sum':
      return columnSum(session, { ...rows, field: rows.field! });
    case 'same_distinct_count':
      return distinctValues(session, { ...rows, fields: rows.fields! });
  }
}

/** Conditions that stand in the spec belong to its own table: another one is asked for all of its rows. */
function withDefaults(given: Rows, own: AskedRows): AskedRows {
  const { collection = own.collection, conditions } = given;
  return { collection, conditions: conditions ?? (given.collection === undefined ? own.conditions : undefined) };
}

function sourceRows({ flows }: LoadedSpec): AskedRows {
  const { source_table, conditions } = flows[0]!.extract;
  return { collection: source_table, conditions };
}
