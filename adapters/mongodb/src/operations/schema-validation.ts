import {
  type Check,
  checkThat,
  fail,
  type JsonObject,
  type JsonValue,
  type Operation,
  PolyshiftError,
  pass,
  warn,
} from '@polyshift/core';
import { BSON, type Document } from 'mongodb';
import { idList } from '../bson/id.ts';
import { canonicalJson } from '../index-definition.ts';
import { introspectOne, validationCommand } from '../introspect.ts';
import { catalogLock, planned } from '../planned.ts';
import { isWritableCollection } from '../preconditions.ts';
import { durable, type Store } from '../store.ts';
import { jsonToCommand } from '../values/json-value.ts';
import type { HandlerOf } from './handler-of.ts';

/** What was there before: the validator with level and action, or null. */
export interface ValidationUndo extends JsonObject {
  validation: JsonObject | null;
}

/** schema_validation: collMod with a $jsonSchema. */
export const schemaValidation: HandlerOf<'schema_validation', ValidationUndo> = (store) => ({
  async plan(operation) {
    needValidators(store);
    const { schema, level, action } = operation.data;
    return [
      planned(
        { collMod: operation.collection, validator: { $jsonSchema: schema }, validationLevel: level, validationAction: action },
        {
          phase: 'contract',
          lock: catalogLock(operation.collection),
          risk: 'blocks_writes',
          undo: 'brings back the validation that was there, or none',
        },
      ),
    ];
  },

  async check(operation) {
    needValidators(store);
    const checks = await isWritableCollection(store, operation.collection);
    if (checks[0]!.status !== 'FAILED') checks.push(await failingDocuments(store, operation));
    return checks;
  },

  prepare: (operation) => priorValidation(store, operation.collection),

  async *execute(operation) {
    await store.db.command({ collMod: operation.collection, ...commandOf(operation), ...durable });
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const found = (await introspectOne(store, operation.collection))?.validation;
    const { level, action } = operation.data;
    const wanted = BSON.EJSON.serialize({ $jsonSchema: plainSchema(operation) }, { relaxed: false }) as JsonObject;
    const same =
      found &&
      canonicalJson(found['validator'] ?? null) === canonicalJson(wanted) &&
      found['level'] === level &&
      found['action'] === action;
    return [
      checkThat(Boolean(same), 'validation_set', {
        pass: `${operation.collection} has the validation schema`,
        fail: `${operation.collection} has another validation schema, or none`,
        action: 'Somebody else changes the validation of this collection.',
      }),
    ];
  },

  async *rollback(operation, undo) {
    await restoreValidation(store, operation.collection, undo);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

/** Throws UNSUPPORTED_OPERATION for servers that take a validator and forget it. */
export function needValidators(store: Store): void {
  if (store.features.validators) return;
  throw new PolyshiftError('UNSUPPORTED_OPERATION', 'this server does not keep validation schemas', {
    hint: 'Leave the operation out for this server, or check documents in the application.',
  });
}

/** The validation that a collection has. */
export async function priorValidation(store: Store, collection: string): Promise<ValidationUndo> {
  return { validation: (await introspectOne(store, collection))?.validation ?? null };
}

/** Sets the validation that a collection had. A collection that is gone has none to restore. */
export async function restoreValidation(store: Store, collection: string, undo: ValidationUndo): Promise<void> {
  await store.db.command({ collMod: collection, ...validationCommand(undo.validation ?? undefined), ...durable });
}

function commandOf(operation: Operation<'schema_validation'>): Document {
  return {
    validator: { $jsonSchema: jsonToCommand(operation.data.schema as JsonValue) },
    validationLevel: operation.data.level,
    validationAction: operation.data.action,
  };
}

/** The schema with BSON values, as plain objects that can be listed. */
function plainSchema(operation: Operation<'schema_validation'>): Document {
  return BSON.deserialize(BSON.serialize(commandOf(operation)['validator'] as Document), { promoteValues: false })[
    '$jsonSchema'
  ] as Document;
}

async function failingDocuments(store: Store, operation: Operation<'schema_validation'>): Promise<Check> {
  const { level, action } = operation.data;
  const filter = { $nor: [{ $jsonSchema: jsonToCommand(operation.data.schema as JsonValue) }] };
  const collection = store.db.collection(operation.collection);
  let count: number;
  let examples: Document[];
  try {
    count = await collection.countDocuments(filter);
    examples = count === 0 ? [] : await collection.find(filter, { projection: { _id: 1 }, limit: 5 }).toArray();
  } catch (error) {
    return fail(
      'documents_valid',
      `the server refuses the schema: ${(error as Error).message}`,
      'Correct the keyword that it names; $jsonSchema has its own types under bsonType.',
    );
  }
  if (count === 0) return pass('documents_valid', `every document of ${operation.collection} meets the schema`);
  const message = `${count} documents of ${operation.collection} do not meet the schema: ${idList(examples.map((each) => each['_id']))}`;
  const data = { count };
  if (level === 'strict' && action === 'error') {
    return fail('documents_valid', message, 'Correct them first by migrate_data, or use level: moderate or action: warn.', data);
  }
  return warn(
    'documents_valid',
    message,
    level === 'off' ? 'The schema is kept and not enforced.' : 'They stay as they are; what is written from now on is checked.',
    data,
  );
}
