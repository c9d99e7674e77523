import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JsonObject, JsonValue } from '@polyshift/core';
import { maskSecrets } from '@polyshift/core';
import type { LoadedSpec } from './load-spec.ts';

/**
 * What identifies a spec: SHA-256 over all that decides what is written, the module of functions included. URLs, batch sizes and the
 * settings of speed and tolerance may change between a run that stopped and the one that resumes it.
 */
export async function specChecksum(loaded: LoadedSpec): Promise<string> {
  const { spec, extract, transform, load } = loaded;
  const { batch_size: _read, ...extractPart } = extract;
  const { batch_size: _written, ...loadPart } = load;
  const content = {
    name: spec.name,
    on_loss: spec.on_loss,
    extract: extractPart,
    // A list of pairs: the order of the rules is the order of the target's fields.
    transform: transform && { ...transform, transformation_rules: Object.entries(transform.transformation_rules) },
    load: loadPart,
    functions: transform?.functions ? await readFile(resolve(loaded.folder, transform.functions), 'utf8').catch(() => '') : '',
  };
  return `sha256:${createHash('sha256').update(sortedJson(content)).digest('hex')}`;
}

/** The spec as the journal keeps it: without secrets. */
export function maskedSpec(loaded: LoadedSpec): JsonObject {
  const mask = (value: unknown): JsonValue => {
    if (typeof value === 'string') return maskSecrets(value);
    if (Array.isArray(value)) return value.map(mask);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, mask(each)]])));
    }
    return value as JsonValue;
  };
  const { source, target, ...rest } = loaded.spec;
  // Options of a connection can hold keys and certificates under any name: they are not kept.
  const store = (reference: typeof source) => ('store' in reference ? reference : { type: reference.type, url: reference.url });
  return mask({ ...rest, source: store(source), target: store(target) }) as JsonObject;
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
