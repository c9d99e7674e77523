import { createHash } from 'node:crypto';
import { type Lease, type Operation, operationRegistry, type RunContext, type StoreSession } from '@polyshift/core';
import type { ForeignKey, PreparedTarget } from './targets.ts';

/** The longest name that every SQL store takes, in characters. */
const longestName = 60;

/** The operation that adds the constraint. */
function constraintOperation(table: string, { table: other, fields }: ForeignKey): Operation<'add_constraint'> {
  return operationRegistry.add_constraint.schema.parse({
    type: 'add_constraint',
    collection: table,
    data: {
      name: constraintName(
        table,
        fields.map(({ field }) => field),
      ),
      constraint: {
        kind: 'foreign_key',
        fields: fields.map(({ field }) => field),
        references: { collection: other, fields: fields.map(({ to }) => to) },
      },
    },
  }) as Operation<'add_constraint'>;
}

function constraintName(table: string, fields: readonly string[]): string {
  const full = `${table.slice(table.lastIndexOf('.') + 1)}_${fields.join('_')}_fkey`;
  if (Buffer.byteLength(full) <= longestName) return full;
  const digest = createHash('sha256').update(full).digest('hex').slice(0, 8);
  return `${full.slice(0, 30)}_${digest}_fkey`;
}

/** The constraints of tables that a load creates, where the store has constraints. */
function operationsFor(
  session: StoreSession,
  targets: readonly PreparedTarget[],
  created: (target: number) => boolean,
): Operation<'add_constraint'>[] {
  if (!session.operations.add_constraint) return [];
  return targets.flatMap((target, index) =>
    created(index) ? target.foreignKeys.map((foreignKey) => constraintOperation(target.table, foreignKey)) : [],
  );
}

/** What adding the foreign keys will run, for the plan; `created` says which tables the load will create. */
export function foreignKeyTexts(
  session: StoreSession,
  targets: readonly PreparedTarget[],
  created: (target: number) => boolean,
): string[] {
  return operationsFor(session, targets, created).map(({ collection, data: { name, constraint } }) => {
    if (constraint.kind !== 'foreign_key') return name;
    const { fields, references } = constraint;
    return `foreign key ${name}: ${collection} (${fields.join(', ')}) → ${references.collection} (${references.fields.join(', ')})`;
  });
}

/**
 * Adds the foreign keys of tables that the load has created, after all rows are there: rows come in any order, and the check of all at
 * once is cheaper. Idempotent. Rollback needs nothing for them: it drops the table that has the constraint before the one it refers to.
 */
export async function addForeignKeys(
  session: StoreSession,
  targets: readonly PreparedTarget[],
  created: (target: number) => boolean,
  run: { readonly runId: string; readonly aside: string; readonly lease: Lease; readonly signal: AbortSignal },
): Promise<void> {
  const handler = session.operations.add_constraint;
  if (!handler) return;
  for (const [step, operation] of operationsFor(session, targets, created).entries()) {
    const context: RunContext = {
      run_id: run.runId,
      version: run.aside,
      step,
      aside: `${run.aside}_k${step}`.slice(-40),
      fence: run.lease.fence,
      signal: run.signal,
      checkpoint: undefined,
      save: async () => undefined,
      guard: () => run.lease.guard(),
      fault: async () => undefined,
    };
    const undo = await handler.prepare(operation, context);
    for await (const _ of handler.execute(operation, undo, context));
    await handler.discard(operation, undo, context);
  }
}
