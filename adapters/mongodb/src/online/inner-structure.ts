import {
  type Check,
  innerOperations,
  type JsonObject,
  type Operation,
  type OperationHandler,
  type OperationType,
  type RunContext,
} from '@polyshift/core';
import { alterIndex } from '../operations/alter-index.ts';
import { alterOptions } from '../operations/alter-options.ts';
import { createIndex } from '../operations/create-index.ts';
import { dropIndex } from '../operations/drop-index.ts';
import { dropValidation } from '../operations/drop-validation.ts';
import { schemaValidation } from '../operations/schema-validation.ts';
import type { Store } from '../store.ts';

/** The operations that change the collection and not its documents: the handlers that carry them alone carry them on the new version. */
const structural = {
  create_index: createIndex,
  alter_index: alterIndex,
  drop_index: dropIndex,
  schema_validation: schemaValidation,
  drop_validation: dropValidation,
  alter_options: alterOptions,
} satisfies Partial<Record<OperationType, (store: Store) => unknown>>;

/** Whether an operation changes the collection and not its documents. */
export function isStructural(type: OperationType): type is keyof typeof structural {
  return Object.hasOwn(structural, type);
}

/** The handler of an operation that changes the collection and not its documents. */
export function structuralHandler(store: Store, type: keyof typeof structural): OperationHandler {
  return structural[type](store) as unknown as OperationHandler;
}

/** Those of an online change, in order, on another collection than it names. */
export function structuralOperations(operation: Operation<'online_change'>, collection: string): Operation[] {
  return innerOperations(operation)
    .filter(({ type }) => isStructural(type))
    .map((each) => ({ ...each, collection }));
}

/** Makes them on the new version, which is empty; what each has found before is returned, for its proof. */
export async function changeStructure(store: Store, operations: readonly Operation[], run: RunContext): Promise<JsonObject[]> {
  const found: JsonObject[] = [];
  for (const operation of operations) {
    const handler = structuralHandler(store, operation.type as keyof typeof structural);
    const inner = innerContext(run);
    const undo = await handler.prepare(operation, inner);
    for await (const _progress of handler.execute(operation, undo, inner));
    await run.fault('structure');
    found.push(undo);
  }
  return found;
}

/** Proves them, but for those whose object a later one has changed again. */
export async function verifyStructure(
  store: Store,
  operations: readonly Operation[],
  found: readonly JsonObject[],
  run: RunContext,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [index, operation] of operations.entries()) {
    const later = operations.slice(index + 1).flatMap(objectsOf);
    if (objectsOf(operation).some((each) => later.includes(each))) continue;
    const handler = structuralHandler(store, operation.type as keyof typeof structural);
    checks.push(...(await handler.verify(operation, found[index] ?? {}, innerContext(run))));
  }
  return checks;
}

/** What an operation makes, changes or drops. */
function objectsOf(operation: Operation): string[] {
  switch (operation.type) {
    case 'create_index':
    case 'drop_index':
      return [`index ${operation.data.name}`];
    case 'alter_index':
      return [`index ${operation.data.name}`, `index ${operation.data.new_name ?? operation.data.name}`];
    case 'schema_validation':
    case 'drop_validation':
      return ['validation'];
    default:
      return ['options'];
  }
}

/** What they are given: they keep nothing aside, and the new version is made anew after a stop. */
function innerContext(run: RunContext): RunContext {
  return { ...run, checkpoint: { done: true }, save: async () => undefined };
}
