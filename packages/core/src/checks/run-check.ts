import type { StoreSession } from '../adapter/adapter.ts';
import { isPolyshiftError, PolyshiftError } from '../errors/polyshift-error.ts';
import type { JsonObject } from '../value/json.ts';
import { type Check, fail, pass, warn } from './check.ts';
import type { CheckDefinition } from './check-definition.ts';
import { columnSum } from './column-sum.ts';
import type { CheckReader, CustomCheck } from './custom-check.ts';
import { unmet } from './expectation.ts';
import { distinctValues, type FoundRows, repeatedValues, unmatchedValues } from './value-sets.ts';

/** What a check found. */
export interface CheckOutcome {
  /** What is so, with numbers and examples. */
  readonly message: string;
  /** Whether that is not as it should be. */
  readonly broken: boolean;
  /** The facts. */
  readonly data?: JsonObject;
}

/** Runs checks that stand in a migration, in order. Reads only. */
export async function runChecks(
  session: StoreSession,
  definitions: readonly (CheckDefinition | CustomCheck)[],
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const definition of definitions) checks.push(await runCheck(session, definition));
  return checks;
}

/** Runs one check as data, or a function. Reads only. */
export async function runCheck(session: StoreSession, definition: CheckDefinition | CustomCheck): Promise<Check> {
  const outcome =
    definition.check === 'function'
      ? await customOutcome(() => definition.run(checkReader(session)))
      : await outcomeOf(session, definition);
  return checkOf(definition, outcome);
}

/** The result of a check that gave an outcome: FAILED, or WARNING where its definition says so. */
export function checkOf(
  definition: {
    readonly check: string;
    readonly name?: string | undefined;
    readonly on_failure?: 'fail' | 'warn' | undefined;
    readonly action?: string | undefined;
  },
  outcome: CheckOutcome,
): Check {
  const name = definition.check === 'function' ? (definition.name ?? definition.check) : definition.check;
  const shown = definition.name && definition.name !== name ? `${definition.name}: ${outcome.message}` : outcome.message;
  const action = definition.action ?? 'Correct the data, or the check.';
  if (!outcome.broken) return pass(name, shown, outcome.data);
  return definition.on_failure === 'warn' ? warn(name, shown, action, outcome.data) : fail(name, shown, action, outcome.data);
}

async function outcomeOf(session: StoreSession, definition: CheckDefinition): Promise<CheckOutcome> {
  switch (definition.check) {
    case 'null_values': {
      const { collection, fields, conditions } = definition;
      const counts = await Promise.all(
        fields.map(async (field) => ({
          field,
          count: await session.count(collection, conditions ? { and: [conditions, { [field]: null }] } : { [field]: null }),
        })),
      );
      const found = counts.filter(({ count }) => count > 0);
      return {
        broken: found.length > 0,
        message:
          found.length > 0
            ? found.map(({ field, count }) => `${count} rows of ${collection} have no ${field}`).join('; ')
            : `every row of ${collection} has ${fields.join(', ')}`,
        data: { counts: Object.fromEntries(found.map(({ field, count }) => [field, count])) },
      };
    }
    case 'duplicates': {
      const found = await repeatedValues(session, definition);
      const { collection, fields } = definition;
      return foundRows(
        found,
        `rows of ${collection} repeat ${fields.join(', ')} of another`,
        `${fields.join(', ')} is unique in ${collection}`,
      );
    }
    case 'orphans': {
      const { collection, fields, references } = definition;
      const found = await unmatchedValues(session, definition, references);
      return foundRows(
        found,
        `rows of ${collection} refer by ${fields.join(', ')} to no row of ${references.collection}`,
        `every row of ${collection} finds its ${references.collection}`,
      );
    }
    case 'row_count': {
      const count = await session.count(definition.collection, definition.conditions);
      return expected(`${definition.collection} has ${count} such rows`, unmet(definition.expect, count), { count });
    }
    case 'column_sum': {
      const { collection, field } = definition;
      const sum = await columnSum(session, definition);
      return expected(`the sum of ${collection}.${field} is ${sum}`, unmet(definition.expect, sum), { sum });
    }
    case 'distinct_count': {
      const { collection, fields } = definition;
      const count = await distinctValues(session, definition);
      return expected(`${collection} has ${count} different values of ${fields.join(', ')}`, unmet(definition.expect, count), {
        count,
      });
    }
    case 'query': {
      const value = await checkReader(session).query(definition.query);
      return expected(`the query gives ${JSON.stringify(value)}`, unmet(definition.expect, value), { value });
    }
  }
}

function foundRows({ count, examples }: FoundRows, broken: string, whole: string): CheckOutcome {
  return {
    broken: count > 0,
    message: count > 0 ? `${count} ${broken}: ${examples.join('; ')}` : whole,
    data: { count },
  };
}

function expected(what: string, missed: readonly string[], data: JsonObject): CheckOutcome {
  return { broken: missed.length > 0, message: missed.length > 0 ? `${what}, expected ${missed.join(' and ')}` : what, data };
}

/** What a function of the user finds. What it throws breaks the check, unless the store is away. */
export async function customOutcome(run: () => Promise<true | string>): Promise<CheckOutcome> {
  try {
    const result = await run();
    return result === true ? { broken: false, message: 'holds' } : { broken: true, message: result };
  } catch (error) {
    // A store that is away says nothing about the data: the run stops and can be resumed.
    if (isPolyshiftError(error) && (error.retryable || error.exit === 3)) throw error;
    return { broken: true, message: `it threw ${(error as Error).message}` };
  }
}

/** What a function may ask a store. */
export function checkReader(session: StoreSession): CheckReader {
  return {
    count: (collection, conditions) => session.count(collection, conditions),
    async query(text) {
      if (session.query) return session.query(text);
      throw new PolyshiftError('UNSUPPORTED_OPERATION', 'this store has no query language that checks could use', {
        hint: 'Use row_count with conditions, or a function in a TypeScript migration.',
      });
    },
  };
}
