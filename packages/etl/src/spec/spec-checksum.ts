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
  const { spec } = loaded;
  const content = {
    name: spec.name,
    on_loss: spec.on_loss,
    steps: spec.steps.map(decisive),
    functions: await Promise.all(
      loaded.modules.map(({ path }) => readFile(resolve(loaded.folder, path), 'utf8').catch(() => '')),
    ),
  };
  return `sha256:${createHash('sha256').update(sortedJson(content)).digest('hex')}`;
}

/** A step, or a child of one, without its batch size and what it does with indexes. Rules become lists of pairs: their order is the order of the target's fields. */
function decisive(step: object): object {
  const {
    batch_size: _rows,
    indexes: _indexes,
    transformation_rules,
    fields,
    children,
    ...rest
  } = step as {
    batch_size?: number;
    indexes?: string;
    transformation_rules?: object;
    fields?: object;
    children?: readonly object[];
  };
  return {
    ...rest,
    rules: transformation_rules && Object.entries(transformation_rules),
    fields: Array.isArray(fields) ? fields : fields && Object.entries(fields),
    children: children?.map(decisive),
  };
}

/** The spec as the journal keeps it: without secrets. */
export function maskedSpec(loaded: LoadedSpec): JsonObject {
  const mask = (value: unknown): JsonValue => {
    if (typeof value === 'string') return maskSecrets(value);
    if (Array.isArray(value)) return value.map(mask);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, each]) =>
          each === undefined || typeof each === 'function' ? [] : [[key, mask(each)]],
        ),
      );
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
