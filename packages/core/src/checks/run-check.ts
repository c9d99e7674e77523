import type { StoreSession } from '../adapter/adapter.ts';
import { isPolyshiftError, PolyshiftError } from '../errors/polyshift-error.ts';
import type { JsonObject } from '../value/json.ts';
import { type Check, fail, pass, warn } from './check.ts';
import type { CheckDefinition } from './check-definition.ts';
import type { CheckReader, CustomCheck } from './custom-check.ts';
import { unmet } from './expectation.ts';
import { type FoundRows, repeatedValues, unmatchedValues } from './value-sets.ts';

/** What a check found: nothing wrong, or what. */
interface Outcome {
  readonly message: string;
  readonly broken: boolean;
  readonly data?: JsonObject;
}

/** Runs checks that stand in a migration or a spec, in order. Reads only. */
export async function runChecks(
  session: StoreSession,
  definitions: readonly (CheckDefinition | CustomCheck)[],
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const definition of definitions) {
    const outcome = await outcomeOf(session, definition);
    const name = definition.check === 'function' ? definition.name : definition.check;
    const shown = definition.name && definition.name !== name ? `${definition.name}: ${outcome.message}` : outcome.message;
    const action = definition.action ?? 'Correct the data, or the check.';
    if (!outcome.broken) checks.push(pass(name, shown, outcome.data));
    else if (definition.on_failure === 'warn') checks.push(warn(name, shown, action, outcome.data));
    else checks.push(fail(name, shown, action, outcome.data));
  }
  return checks;
}

async function outcomeOf(session: StoreSession, definition: CheckDefinition | CustomCheck): Promise<Outcome> {
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
    case 'query': {
      const value = await readerOf(session).query(definition.query);
      return expected(`the query gives ${JSON.stringify(value)}`, unmet(definition.expect, value), { value });
    }
    case 'function':
      return custom(definition, readerOf(session));
  }
}

function foundRows({ count, examples }: FoundRows, broken: string, whole: string): Outcome {
  return {
    broken: count > 0,
    message: count > 0 ? `${count} ${broken}: ${examples.join('; ')}` : whole,
    data: { count },
  };
}

function expected(what: string, missed: readonly string[], data: JsonObject): Outcome {
  return { broken: missed.length > 0, message: missed.length > 0 ? `${what}, expected ${missed.join(' and ')}` : what, data };
}

async function custom(check: CustomCheck, reader: CheckReader): Promise<Outcome> {
  try {
    const result = await check.run(reader);
    return result === true ? { broken: false, message: 'holds' } : { broken: true, message: result };
  } catch (error) {
    // A store that is away says nothing about the data: the run stops and can be resumed.
    if (isPolyshiftError(error) && (error.retryable || error.exit === 3)) throw error;
    return { broken: true, message: `it threw ${(error as Error).message}` };
  }
}

function readerOf(session: StoreSession): CheckReader {
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
