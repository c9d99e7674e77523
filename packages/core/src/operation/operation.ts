import { z } from 'zod';
import { type Conditions, conditionsSchema } from './condition.ts';

/** Rows in a batch where an operation does not say. */
export const defaultBatchSize = 1000;

/**
 * One change, as plain data: what changes, never how. The same object stands in YAML, JSON and TypeScript.
 *
 * @typeParam Type the operation's name in the registry
 * @typeParam Data its parameters
 */
export interface MigrationOperation<Type extends string = string, Data = unknown> {
  readonly type: Type;
  /** The collection or table, as the store names it (`users`, or `sales.users` for a table of another schema). */
  readonly collection: string;
  readonly data: Data;
  /** Which rows; every row where missing. Only operations that touch rows take it. */
  readonly conditions?: Conditions | undefined;
  /** Rows in a batch, 1 to 100,000; default 1000. */
  readonly batch_size: number;
}

/** What an operation can do wrong; plans and lint show it. */
export type Risk = 'none' | 'data_changed' | 'data_removed' | 'blocks_writes' | 'user_defined';

/** Everything core knows of one type of operation; one file each, collected in registry.ts. */
export interface OperationDefinition<Type extends string, Schema extends z.ZodType> {
  readonly type: Type;
  /** One sentence for the operation reference. */
  readonly summary: string;
  /** Further sentences for the reference: what rollback restores, what verify proves. */
  readonly undo: string;
  /** A valid example, shown in the reference and parsed by a test. */
  readonly example: { readonly collection: string; readonly data: z.input<Schema>; readonly conditions?: Conditions };
  readonly data: Schema;
  /** Whether `conditions` are taken. */
  readonly conditional: boolean;
  /** Whether it names an existing collection or table (all but create_collection and run_sql). */
  readonly risk: Risk;
  /** The zod schema of the whole operation. */
  readonly schema: z.ZodType<MigrationOperation<Type, z.output<Schema>>>;
  /** Builds the operation for TypeScript migrations; throws INVALID_DOCUMENT at load, not here. */
  create(
    collection: string,
    data: z.input<Schema>,
    options?: { conditions?: Conditions; batch_size?: number },
  ): OperationInput<Type, z.input<Schema>>;
}

/** An operation as users write it: defaults not yet filled in. */
export interface OperationInput<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly collection?: string;
  readonly data: Data;
  readonly conditions?: Conditions;
  readonly batch_size?: number;
}

/**
 * Names of collections, fields and indexes: any text without a NUL, so that every identifier a store allows can be written; but for `__proto__`, which
 * is no key of a plain object of JavaScript.
 */
export const nameSchema = z
  .string()
  .min(1)
  .max(255)
  .refine((name) => !name.includes('\0'), 'must not contain a NUL')
  .refine((name) => name !== '__proto__', 'must not be __proto__');

/** Makes the definition of one operation from its parts. */
export function defineOperation<const Type extends string, Schema extends z.ZodType>(parts: {
  type: Type;
  summary: string;
  undo: string;
  example: { collection: string; data: z.input<Schema>; conditions?: Conditions };
  data: Schema;
  conditional?: boolean;
  risk: Risk;
  /** Set where the operation names no collection (run_sql): the collection is then `*`. */
  collectionless?: boolean;
}): OperationDefinition<Type, Schema> {
  const { conditional = false, collectionless = false, ...rest } = parts;
  const schema = z.strictObject({
    type: z.literal(parts.type).describe(parts.summary),
    collection: collectionless ? nameSchema.default('*') : nameSchema.describe('the collection or table'),
    data: parts.data,
    ...(conditional ? { conditions: conditionsSchema.optional() } : {}),
    batch_size: z.int().min(1).max(100_000).default(defaultBatchSize).describe('rows in a batch'),
  });
  return Object.freeze({
    ...rest,
    conditional,
    schema: schema as unknown as z.ZodType<MigrationOperation<Type, z.output<Schema>>>,
    create(collection: string, data: z.input<Schema>, options: { conditions?: Conditions; batch_size?: number } = {}) {
      return Object.freeze({ type: parts.type, collection, data, ...options });
    },
  });
}
