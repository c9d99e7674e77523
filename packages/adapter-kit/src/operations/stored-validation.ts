import {
  type Check,
  checkThat,
  fail,
  isPolyshiftError,
  type JsonObject,
  type Operation,
  pass,
  stableJson,
  warn,
} from '@polyshift/core';
import { keyList } from '../change/key-text.ts';
import { compileValidation } from '../validation/compile-validation.ts';
import { isThere, type RowHandler, type RowOperations } from './row-operations.ts';
import { type Survey, survey } from './survey.ts';

/** A validation schema as it is stored beside a collection. */
export interface StoredValidation extends JsonObject {
  schema: JsonObject;
  /** `strict`, `moderate` or `off`. */
  level: string;
  /** `error` or `warn`. */
  action: string;
}

/** Where the validation schemas of a store without its own are kept. */
export interface ValidationStore {
  /** The schema of a collection; null where it has none. */
  read(collection: string): Promise<StoredValidation | null>;
  /** Sets it, or removes it with null. Idempotent and durable. */
  write(collection: string, validation: StoredValidation | null): Promise<void>;
}

/** The violations of a document, or none where the schema is kept without being enforced. */
export function enforcedViolations(
  validation: StoredValidation | null | undefined,
): ReturnType<typeof compileValidation> | undefined {
  if (!validation || validation.level === 'off' || validation.action === 'warn') return undefined;
  return compileValidation(validation.schema);
}

/** schema_validation and drop_validation on a store that has no validation of its own: polyshift keeps the schema, and enforces it where it writes. */
export function storedValidation<Raw>(
  operations: RowOperations<Raw>,
  validations: ValidationStore,
): { schema_validation: RowHandler<'schema_validation'>; drop_validation: RowHandler<'drop_validation'> } {
  const undoMethods = {
    async prepare(operation: { collection: string }): Promise<JsonObject> {
      return { validation: await validations.read(operation.collection) };
    },
    async *rollback(operation: { collection: string }, undo: JsonObject) {
      await validations.write(operation.collection, undo['validation'] as StoredValidation | null);
      yield { rows_done: 1, rows_total: 1 };
    },
    async discard() {},
  };
  return {
    schema_validation: {
      ...undoMethods,

      async plan(operation) {
        compileValidation(operation.data.schema as JsonObject);
        return [
          {
            statement: `store the validation schema of ${operation.collection}: ${JSON.stringify(operation.data.schema)}`,
            phase: 'contract',
            lock: { mode: 'none', held: 'none' },
            risk: 'blocks_writes',
            undo: 'brings back the validation schema that was there, or none',
          },
        ];
      },

      async check(operation) {
        const there = await isThere(operations, operation.collection);
        if (there.status === 'FAILED') return [there];
        return [there, await rowsValid(operations, operation)];
      },

      async *execute(operation) {
        await validations.write(operation.collection, wantedOf(operation));
        yield { rows_done: 1, rows_total: 1 };
      },

      async verify(operation) {
        const found = await validations.read(operation.collection);
        const same = found !== null && stableJson(found) === stableJson(wantedOf(operation));
        return [
          checkThat(same, 'validation_set', {
            pass: `${operation.collection} has the validation schema`,
            fail: `${operation.collection} has another validation schema, or none`,
            action: 'Somebody else changes the validation of this collection.',
          }),
          await rowsValid(operations, operation),
        ];
      },
    },

    drop_validation: {
      ...undoMethods,

      async plan(operation) {
        return [
          {
            statement: `forget the validation schema of ${operation.collection}`,
            phase: 'contract',
            lock: { mode: 'none', held: 'none' },
            risk: 'none',
            undo: 'brings back the validation schema that was there',
          },
        ];
      },

      async check(operation) {
        const there = await isThere(operations, operation.collection);
        if (there.status === 'FAILED') return [there];
        return (await validations.read(operation.collection))
          ? [there, pass('validation_exists', `${operation.collection} has a validation schema`)]
          : [there, fail('validation_exists', `${operation.collection} has no validation schema`, 'Leave the operation out.')];
      },

      async *execute(operation) {
        await validations.write(operation.collection, null);
        yield { rows_done: 1, rows_total: 1 };
      },

      async verify(operation) {
        const gone = (await validations.read(operation.collection)) === null;
        return [
          checkThat(gone, 'validation_gone', {
            pass: `${operation.collection} has no validation schema`,
            fail: `${operation.collection} has a validation schema`,
            action: 'Somebody else changes the validation of this collection.',
          }),
        ];
      },
    },
  };
}

function wantedOf({ data }: Operation<'schema_validation'>): StoredValidation {
  return { schema: data.schema as JsonObject, level: data.level, action: data.action };
}

async function rowsValid<Raw>(operations: RowOperations<Raw>, operation: Operation<'schema_validation'>): Promise<Check> {
  const { collection, data } = operation;
  let violations: ReturnType<typeof compileValidation>;
  try {
    violations = compileValidation(data.schema as JsonObject);
  } catch (error) {
    if (!isPolyshiftError(error)) throw error;
    return fail('rows_valid', error.message, error.hint ?? 'Correct the schema.');
  }
  let example = '';
  const [found] = (await survey(operations, collection, [
    (document) => {
      const broken = violations(document);
      if (broken.length > 0) example ||= `; ${broken[0]}`;
      return broken.length > 0;
    },
  ])) as [Survey];
  if (found.count === 0) return pass('rows_valid', `every ${operations.noun} of ${collection} meets the schema`);
  const message = `${found.count} ${operations.noun}s of ${collection} do not meet the schema: ${keyList(found.keys)}${example}`;
  const facts = { count: found.count };
  if (data.level === 'strict' && data.action === 'error') {
    return fail('rows_valid', message, 'Correct them first by migrate_data, or use level: moderate or action: warn.', facts);
  }
  return warn(
    'rows_valid',
    message,
    data.level === 'off'
      ? 'The schema is kept and not enforced.'
      : 'They stay as they are; what polyshift writes from now on is checked.',
    facts,
  );
}
