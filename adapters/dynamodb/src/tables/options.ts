import { type JsonObject, type JsonValue, PolyshiftError } from '@polyshift/core';
import { plainDefinition } from './create.ts';
import type { IndexDefinition, KeyField, KeyType, TableDefinition } from './definition.ts';

const oneOf =
  (...words: string[]) =>
  (value: JsonValue): boolean =>
    typeof value === 'string' && words.includes(value);
const isBoolean = (value: JsonValue): boolean => typeof value === 'boolean';
const isName = (value: JsonValue): boolean => typeof value === 'string' && value !== '';
const isUnits = (value: JsonValue | undefined): boolean => typeof value === 'number' && Number.isInteger(value) && value > 0;
const isCapacity = (value: JsonValue): boolean => {
  const { read, write, ...others } = fieldsOf(value);
  return isUnits(read) && isUnits(write) && Object.keys(others).length === 0;
};

/** What one option takes, in words and as a test; null is taken where it means "none". */
interface Option {
  readonly takes: string;
  readonly isValid: (value: JsonValue) => boolean;
  readonly nullable: boolean;
  /** Whether alter_options can change it. */
  readonly alterable: boolean;
}

/** The options of a table, by the names that users write. */
export const tableOptions = {
  billing_mode: {
    takes: 'pay_per_request or provisioned',
    isValid: oneOf('pay_per_request', 'provisioned'),
    nullable: false,
    alterable: false,
  },
  capacity: { takes: '{ read, write } in whole units', isValid: isCapacity, nullable: false, alterable: false },
  stream_view_type: {
    takes: 'keys_only, new_image, old_image, new_and_old_images, or null',
    isValid: oneOf('keys_only', 'new_image', 'old_image', 'new_and_old_images'),
    nullable: true,
    alterable: true,
  },
  ttl_attribute: { takes: 'the name of an attribute, or null', isValid: isName, nullable: true, alterable: true },
  table_class: {
    takes: 'standard or standard_infrequent_access',
    isValid: oneOf('standard', 'standard_infrequent_access'),
    nullable: false,
    alterable: true,
  },
  deletion_protection: { takes: 'true or false', isValid: isBoolean, nullable: false, alterable: true },
  point_in_time_recovery: { takes: 'true or false', isValid: isBoolean, nullable: false, alterable: true },
  kms_key: { takes: 'the ARN of a KMS key, or null', isValid: isName, nullable: true, alterable: false },
} as const satisfies Record<string, Option>;

/** The name of an option that alter_options changes. */
export type AlterableOption =
  | 'stream_view_type'
  | 'ttl_attribute'
  | 'table_class'
  | 'deletion_protection'
  | 'point_in_time_recovery';

/** What is wrong with one option; undefined where it can be taken. */
export function optionProblem(name: string, value: JsonValue): string | undefined {
  const option: Option | undefined = Object.hasOwn(tableOptions, name) ? tableOptions[name as 'capacity'] : undefined;
  if (!option) return `${name} is no option of a table`;
  if (value === null ? option.nullable : option.isValid(value)) return undefined;
  return `${name} takes ${option.takes}, not ${JSON.stringify(value)}`;
}

/**
 * The definition of a new table: its key, and options as users write them, `local_indexes` among them.
 *
 * @throws PolyshiftError INVALID_DOCUMENT, with the place under `path`
 */
export function definitionFromOptions(key: KeyField[], options: JsonObject, path: string): TableDefinition {
  const { local_indexes, key_types: _usedForTheKey, ...others } = options;
  for (const [name, value] of Object.entries(others)) {
    const problem = optionProblem(name, value);
    if (problem) throw invalid(problem, `${path}.${name}`);
  }
  const indexes = local_indexes === undefined ? [] : localIndexes(key, local_indexes, `${path}.local_indexes`);
  const definition: TableDefinition = { ...plainDefinition(key), ...(others as Partial<TableDefinition>), indexes };
  if ((definition.billing_mode === 'provisioned') !== (definition.capacity !== null)) {
    throw invalid('capacity is given for the billing mode provisioned, and for no other', `${path}.capacity`);
  }
  return definition;
}

/** Local secondary indexes can only be made with their table. */
function localIndexes(key: readonly KeyField[], value: JsonValue, path: string): IndexDefinition[] {
  if (!Array.isArray(value)) throw invalid('local_indexes takes a list', path);
  if (key.length < 2) throw invalid('a local index needs a table with a sort key', path);
  return value.map((each) => {
    const { name, sort_key, projection = 'all', ...others } = fieldsOf(each);
    const { field, type = 'S' } = fieldsOf(sort_key ?? null);
    const named = Array.isArray(projection) ? projection.every(isName) : oneOf('all', 'keys_only')(projection);
    if (!isName(name ?? null) || !isName(field ?? null) || !named || Object.keys(others).length > 0)
      throw invalid('a local index is { name, sort_key: { field, type }, projection }', path);
    return {
      name: name as string,
      local: true,
      key: [key[0]!, { field: field as string, type: keyType(type, path) }],
      projection: Array.isArray(projection) ? ([...projection] as string[]).sort() : (projection as 'all'),
      capacity: null,
    };
  });
}

/** A type of a key as users write it. Throws INVALID_DOCUMENT. */
export function keyType(value: JsonValue, path: string): KeyType {
  if (value === 'S' || value === 'N' || value === 'B') return value;
  throw invalid(`the type of a key is S, N or B, not ${JSON.stringify(value)}`, path);
}

/** What stands under a key of options where it is an object; nothing where it is not. */
export function fieldsOf(value: JsonValue): JsonObject {
  // Without a prototype: a field may have the name of what every object inherits.
  return {
    __proto__: null,
    ...(typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}),
  } as JsonObject;
}

/** An option that cannot be taken. */
export function invalid(message: string, path: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', message, { place: { path } });
}
