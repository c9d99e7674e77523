import { checkFiles } from '../journal/check-files.ts';
import { History } from '../journal/history.ts';
import type { Migration } from '../migration/migration.ts';
import { partsOf } from '../operation/split-merge.ts';
import type { StoreSchema } from '../schema/store-schema.ts';
import { applyToSchema } from '../schema/virtual-schema.ts';
import { handlerOf } from './handlers.ts';
import { inForm } from './operations-of.ts';
import type { OperationPlan, PlanReport } from './reports.ts';
import type { RunnerOptions } from './runner-options.ts';
import { findVersion, pendingUpTo, type UpRequest } from './up.ts';

/**
 * The statements that `up` would run, with their locks, rows, risk and undo; each operation is planned against the schema that
 * those before it will have made. Reads only.
 */
export async function planUp(options: RunnerOptions, request: UpRequest = {}): Promise<PlanReport> {
  const last = request.to === undefined ? undefined : findVersion(options.migrations, request.to);
  const history = await History.read(options.session.journal);
  await checkFiles(options.session.journal, history, options.migrations);
  const files = pendingUpTo(history.pending(options.migrations), last);
  const pending: Migration[] = [];
  for (const file of files) pending.push(await inForm(options.session.journal, history, file, request.online ?? false));
  let schema: StoreSchema = await options.session.introspect(collectionsOf(pending));
  const migrations: PlanReport['migrations'][number][] = [];
  for (const migration of pending) {
    const operations: OperationPlan[] = [];
    for (const operation of migration.operations) {
      const statements = await handlerOf(options.session, operation).plan(operation, { schema, version: migration.version });
      operations.push({ type: operation.type, collection: operation.collection, statements });
      schema = applyToSchema(schema, operation);
    }
    migrations.push({
      version: migration.version,
      name: migration.name,
      file: migration.file,
      description: migration.description,
      resumed: history.of(migration.version)?.state === 'running',
      operations,
    });
  }
  return { server: options.session.server, current_version: history.currentVersion, migrations };
}

function collectionsOf(migrations: readonly Migration[]): string[] {
  const names = migrations.flatMap((migration) =>
    migration.operations.flatMap((operation) => {
      const data = operation.data as { into?: unknown; from?: unknown; constraint?: { references?: { collection: string } } };
      const parts = operation.type === 'online_change' ? partsOf(operation) : [];
      return [operation.collection, data.into, data.from, data.constraint?.references?.collection, ...parts];
    }),
  );
  return [...new Set(names.filter((name): name is string => typeof name === 'string' && name !== '*'))];
}
