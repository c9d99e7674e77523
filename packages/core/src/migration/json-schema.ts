import { z } from 'zod';
import { checkDefinitionSchema } from '../checks/check-definition.ts';
import { operationRegistry, operationTypes } from '../operation/registry.ts';

/** The JSON Schema of one operation, as users write it (defaults may be left out). */
export function operationJsonSchema(type: (typeof operationTypes)[number]): Record<string, unknown> {
  return z.toJSONSchema(operationRegistry[type].schema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-2020-12',
  }) as Record<string, unknown>;
}

/** The JSON Schema of a migration file: for editors, and for other programs that write migrations. */
export function migrationJsonSchema(): Record<string, unknown> {
  const operation = z.union(operationTypes.map((type) => operationRegistry[type].schema) as unknown as [z.ZodType, z.ZodType]);
  const checks = z.array(checkDefinitionSchema).min(1).optional();
  const migration = z.strictObject({
    description: z.string().optional().describe('what it is for, one line'),
    store: z.string().optional().describe('the store of the configuration that it belongs to'),
    online: z
      .boolean()
      .optional()
      .describe('make a new version of each changed collection beside the old one, both in use until `finalize`'),
    operations: z.array(operation).min(1).describe('the changes, in order'),
    checks: z
      .strictObject({
        before: checks.describe('what must hold before the first operation; a failed one stops the migration'),
        after: checks.describe('what must hold after the last operation; a failed one takes everything back'),
      })
      .optional()
      .describe('checks around the operations; they do not count for the checksum'),
    down: z.array(operation).min(1).optional().describe('operations that `down` runs instead of the exact undo'),
  });
  const schema = z.toJSONSchema(migration, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' });
  return { ...schema, title: 'polyshift migration' };
}
