import { innerOperations } from '../operation/inner-operations.ts';
import type { Operation, OperationType } from '../operation/registry.ts';
import { ownValue } from '../value/own-value.ts';
import { portableTypeOf, type TypeReference } from '../value/portable-type.ts';
import { applyParts } from './apply-parts.ts';
import type { CollectionSchema, FieldSchema, StoreSchema } from './store-schema.ts';

type Change<Type extends OperationType> = (schema: StoreSchema, operation: Operation<Type>) => StoreSchema;

/** What each operation does to the schema, as far as plans of later operations must know it. */
const changes: { readonly [Type in OperationType]: Change<Type> } = {
  add_field: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({ ...it, fields: [...it.fields, field(data.field_name, data.type, data.nullable)] })),
  rename_field: (schema, { collection, data }) =>
    change(schema, collection, (it) => {
      const rename = (name: string) => (name === data.old_name ? data.new_name : name);
      return {
        ...it,
        fields: it.fields.map((each) => ({ ...each, name: rename(each.name) })),
        key: it.key.map(rename),
        indexes: it.indexes.map((index) => ({ ...index, keys: index.keys.map((key) => ({ ...key, field: rename(key.field) })) })),
        constraints: it.constraints.map((constraint) => ({ ...constraint, fields: constraint.fields.map(rename) })),
      };
    }),
  remove_field: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({ ...it, fields: it.fields.filter((each) => each.name !== data.field_name) })),
  change_type: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({
      ...it,
      fields: it.fields.map((each) =>
        each.name === data.field_name ? { ...field(each.name, data.to, each.nullable), default: each.default } : each,
      ),
    })),
  create_index: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({
      ...it,
      indexes: [
        ...it.indexes.filter((each) => each.name !== data.name),
        {
          name: data.name,
          keys: Object.entries(data.keys).map(([name, direction]) => ({ field: name, direction })),
          unique: data.unique,
          definition: data as never,
        },
      ],
    })),
  alter_index: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({
      ...it,
      indexes: it.indexes.map((each) => (each.name === data.name ? { ...each, name: data.new_name ?? each.name } : each)),
    })),
  drop_index: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({ ...it, indexes: it.indexes.filter((each) => each.name !== data.name) })),
  create_collection: (schema, { collection, data }) =>
    put(schema, {
      name: collection,
      kind: data.fields.length > 0 ? 'table' : 'collection',
      fields: data.fields.map((each) => field(each.name, each.type, each.nullable)),
      key: data.key ?? [],
      indexes: [],
      constraints: [],
      approximate_count: 0,
    }),
  drop_collection: (schema, { collection }) => without(schema, collection),
  rename_collection: (schema, { collection, data }) => {
    const renamed = collectionIn(schema, collection);
    return renamed ? put(without(schema, collection), { ...renamed, name: data.new_name }) : schema;
  },
  schema_validation: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({
      ...it,
      validation: { schema: data.schema, level: data.level, action: data.action } as never,
    })),
  drop_validation: (schema, { collection }) => change(schema, collection, ({ validation: _dropped, ...it }) => it),
  migrate_data: (schema) => schema,
  extract: (schema, { collection, data }) => {
    const source = collectionIn(schema, collection);
    return put(schema, {
      name: data.into,
      kind: source?.kind ?? 'collection',
      fields: extracted(source && piped(source, data.pipeline ?? []), data.fields),
      key: data.key ?? [],
      indexes: [],
      constraints: [],
    });
  },
  load: (schema) => schema,
  add_constraint: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({
      ...it,
      constraints: [
        ...it.constraints,
        {
          name: data.name,
          kind: data.constraint.kind,
          fields:
            'fields' in data.constraint ? data.constraint.fields : 'field' in data.constraint ? [data.constraint.field] : [],
          definition: '',
        },
      ],
      fields: it.fields.map((each) =>
        data.constraint.kind === 'not_null' && each.name === data.constraint.field ? { ...each, nullable: false } : each,
      ),
      key: data.constraint.kind === 'primary_key' ? data.constraint.fields : it.key,
    })),
  drop_constraint: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({
      ...it,
      constraints: it.constraints.filter((each) => each.name !== data.name),
      fields: it.fields.map((each) => (each.name === data.not_null ? { ...each, nullable: true } : each)),
    })),
  set_default: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({
      ...it,
      fields: it.fields.map((each) =>
        each.name === data.field_name
          ? {
              ...each,
              default: data.expression ?? (data.default_value === undefined ? undefined : JSON.stringify(data.default_value)),
            }
          : each,
      ),
    })),
  alter_options: (schema) => schema,
  run_sql: (schema) => schema,
  // The old version stays what it is until the new one takes its place; nothing is planned behind it before that.
  online_change: (schema, operation) => applyParts(schema, innerOperations(operation).reduce(applyToSchema, schema), operation),
  merge_pipeline: (schema, { data }) =>
    collectionIn(schema, data.into)
      ? schema
      : put(schema, { name: data.into, kind: 'collection', fields: [], key: ['_id'], indexes: [], constraints: [] }),
  add_gsi: (schema, { collection, data }) =>
    change(schema, collection, (it) => ({
      ...it,
      indexes: [
        ...it.indexes.filter((each) => each.name !== data.name),
        {
          name: data.name,
          keys: [data.partition_key, data.sort_key].flatMap((key) => (key ? [{ field: key.field, direction: 1 }] : [])),
          unique: false,
          definition: data as never,
        },
      ],
    })),
  update_capacity: (schema) => schema,
  create_materialized_view: (schema, { collection, data }) => {
    const base = collectionIn(schema, collection);
    const key = [...data.partition_key, ...Object.keys(data.clustering_key)];
    const held = base?.fields.filter((each) => !data.fields || [...data.fields, ...key].includes(each.name)) ?? [];
    return put(schema, { name: data.name, kind: 'view', fields: held, key, indexes: [], constraints: [] });
  },
  drop_materialized_view: (schema, { data }) => without(schema, data.name),
  change_encoding: (schema) => schema,
  put_template: (schema) => schema,
  drop_template: (schema) => schema,
};

/** The schema after an operation, without touching the store: plans of the operations behind it are made against this. */
export function applyToSchema(schema: StoreSchema, operation: Operation): StoreSchema {
  // The table has a change for exactly the type that the operation says.
  return (changes[operation.type] as Change<OperationType>)(schema, operation as never);
}

function collectionIn(schema: StoreSchema, name: string): CollectionSchema | undefined {
  return ownValue(schema.collections, name);
}

function change(schema: StoreSchema, name: string, apply: (collection: CollectionSchema) => CollectionSchema): StoreSchema {
  const collection = collectionIn(schema, name);
  return collection ? put(schema, apply(collection)) : schema;
}

function put(schema: StoreSchema, collection: CollectionSchema): StoreSchema {
  return { collections: { ...schema.collections, [collection.name]: collection } };
}

function without(schema: StoreSchema, name: string): StoreSchema {
  const { [name]: _gone, ...collections } = schema.collections;
  return { collections };
}

function field(name: string, type: TypeReference | undefined, nullable: boolean): FieldSchema {
  const portable = type === undefined ? undefined : portableTypeOf(type);
  const native = type === undefined ? '' : typeof type === 'string' ? type : type.kind;
  return { name, type: portable ?? { kind: 'native', name: native }, native, nullable };
}

/** A collection as its rows are after the stages of a pipeline; what stages but $set and $unset do to fields is not known here. */
function piped(source: CollectionSchema, pipeline: readonly Record<string, unknown>[]): CollectionSchema {
  let { fields } = source;
  for (const stage of pipeline) {
    const removed = [stage['$unset'] ?? []].flat();
    const set = Object.keys({ ...(stage['$set'] as object), ...(stage['$addFields'] as object) });
    const added = set.filter((name) => !name.includes('.') && !fields.some((each) => each.name === name));
    const made = added.map((name): FieldSchema => ({ name, type: { kind: 'dynamic' }, native: '', nullable: true }));
    fields = [...fields.filter((each) => !removed.includes(each.name)), ...made];
  }
  return { ...source, fields };
}

function extracted(
  source: CollectionSchema | undefined,
  fields: readonly string[] | Record<string, string> | undefined,
): FieldSchema[] {
  if (!source) return [];
  if (!fields) return [...source.fields];
  const pairs = Array.isArray(fields)
    ? fields.map((name) => [name, name] as const)
    : Object.entries(fields as Record<string, string>);
  return pairs.flatMap(([name, from]) => {
    const found = source.fields.find((each) => each.name === from);
    return found ? [{ ...found, name }] : [];
  });
}
