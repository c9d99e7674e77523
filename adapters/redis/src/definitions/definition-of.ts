import {
  type Column,
  type JsonObject,
  type JsonValue,
  type OperationData,
  PolyshiftError,
  type PortableType,
  portableTypeOf,
  type SinkTarget,
  type TypeReference,
} from '@polyshift/core';
import type { Definition, Encoding, FieldDefinition } from './definition.ts';

/** Options of a collection, as create_collection, alter_options and `load_params` take them. */
export const optionNames = ['encoding', 'ttl_seconds'] as const;

/** Checked options of a collection. */
export interface CollectionOptions {
  readonly encoding?: Encoding;
  /** Null is for ever. */
  readonly ttl_seconds?: number | null;
}

/** Checks options. Throws INVALID_DOCUMENT; `path` is where they stand. */
export function checkOptions(
  options: { readonly [name: string]: JsonValue | undefined },
  encodings: readonly Encoding[],
  path: string,
): CollectionOptions {
  for (const [name, value] of Object.entries(options)) {
    if (name === 'encoding') {
      if (!encodings.includes(value as Encoding)) throw invalid(`${path}.encoding`, `is one of ${encodings.join(', ')}`);
    } else if (name === 'ttl_seconds') {
      if (value !== null && !(Number.isSafeInteger(value) && (value as number) > 0))
        throw invalid(`${path}.ttl_seconds`, 'is a whole number of seconds above 0, or null');
    } else throw invalid(`${path}.${name}`, `is no option; there are ${optionNames.join(' and ')}`);
  }
  return options as CollectionOptions;
}

/** The definition that create_collection writes. Throws INVALID_DOCUMENT. */
export function createdDefinition(data: OperationData<'create_collection'>): Definition {
  const options = checkOptions(data.options ?? {}, ['hash', 'json', 'stream'], 'data.options');
  const keys = data.key ?? ['id'];
  const typeOf = (name: string): PortableType => {
    const field = data.fields.find((each) => each.name === name);
    return field ? portable(field.type) : { kind: 'text' };
  };
  return {
    key: keys.map((name) => ({ name, type: typeOf(name) })),
    fields: data.fields
      .filter(({ name }) => !keys.includes(name))
      .map(({ name, type, nullable }): FieldDefinition => ({ name, type: portable(type), nullable })),
    ...definedOptions(options),
    indexes: [],
  };
}

/**
 * The definition of the collection that a load makes. `columns` in its parameters gives types, also to fields of documents, which have no columns.
 * Throws INVALID_DOCUMENT.
 */
export function loadedDefinition(target: SinkTarget): Definition {
  const { columns = {}, ...given } = (target.params ?? {}) as { columns?: JsonObject; [name: string]: JsonValue | undefined };
  const options = checkOptions(given, ['hash', 'json', 'stream'], 'load_params');
  const types = columns as unknown as Readonly<Record<string, TypeReference>>;
  const typeOf = (name: string, own: PortableType): PortableType => (Object.hasOwn(types, name) ? portable(types[name]!) : own);
  const column = (name: string): Column | undefined => target.columns.find((each) => each.name === name);
  const declared = target.columns.map(({ name, type, nullable }): FieldDefinition => ({ name, type, nullable }));
  for (const name of Object.keys(types)) if (!column(name)) declared.push({ name, type: portable(types[name]!), nullable: true });
  return {
    key: target.key.map((name) => ({ name, type: typeOf(name, column(name)?.type ?? { kind: 'text' }) })),
    fields: declared
      .filter(({ name }) => !target.key.includes(name))
      .map(({ name, type, nullable }): FieldDefinition => ({ name, type: typeOf(name, type), nullable })),
    ...definedOptions(options),
    indexes: [],
  };
}

function definedOptions({ encoding = 'hash', ttl_seconds }: CollectionOptions): Pick<Definition, 'encoding' | 'ttl_seconds'> {
  return { encoding, ...(ttl_seconds === undefined || ttl_seconds === null ? {} : { ttl_seconds }) };
}

/** The portable type of a reference; what is no portable type is kept as a text of another store. */
export function portable(reference: TypeReference): PortableType {
  return portableTypeOf(reference) ?? { kind: 'native', name: reference as string };
}

function invalid(path: string, what: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `${path} ${what}`, { place: { path } });
}
