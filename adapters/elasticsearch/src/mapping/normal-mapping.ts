import type { JsonObject, JsonValue } from '@polyshift/core';
import type { Collection, ConcreteIndex } from '../collection/collection.ts';

/** Settings that come and go with each index, and say nothing of what it is. */
const passing = [
  /^index\.(?:uuid|creation_date|creation_date_string|provided_name|verified_before_close|verified_read_only|history\.uuid)$/,
  /^index\.(?:version|resize|blocks)\./,
  /^index\.routing\.allocation\.(?:initial_recovery|include\._tier_preference)/,
];

/** The settings that make an index what it is, by their full names. */
export function lastingSettings(settings: Readonly<Record<string, string>>): JsonObject {
  const kept = Object.entries(settings).filter(
    ([name, value]) =>
      value !== null &&
      !passing.some((pattern) => pattern.test(name)) &&
      !(name === 'index.routing_partition_size' && value === '1'),
  );
  return Object.fromEntries(kept.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** A mapping without what means nothing: an empty `_meta`, `dynamic` as it is without being said. */
export function normalMapping(mappings: JsonObject): JsonObject {
  const { _meta, dynamic, ...rest } = mappings;
  const properties = rest['properties'] as JsonObject | undefined;
  if (properties && Object.keys(properties).length === 0) delete rest['properties'];
  return {
    ...rest,
    ...(isEmpty(_meta) ? {} : { _meta: _meta! }),
    ...(dynamic === undefined || String(dynamic) === 'true' ? {} : { dynamic }),
  };
}

/** All that makes a collection what it is, but for its documents and the names of the indices behind it. */
export function definitionOf({ kind, name, indices }: Collection, prefix: string): JsonObject {
  return { kind, indices: indices.map((each) => indexDefinition(each, prefix + name)) as JsonValue[] };
}

function indexDefinition({ mappings, settings, aliases }: ConcreteIndex, own: string): JsonObject {
  const { [own]: self, ...others } = aliases;
  return {
    mappings: normalMapping(mappings),
    settings: lastingSettings(settings),
    blocked: settings['index.blocks.write'] === 'true',
    ...(isEmpty(self) ? {} : { alias: self! }),
    ...(isEmpty(others) ? {} : { aliases: others }),
  };
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}
