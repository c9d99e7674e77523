import { createHash } from 'node:crypto';
import type { SinkTarget, SourceQuery, SourceScan } from '@polyshift/core';
import { targetKey } from '../load/target-key.ts';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import { type CompiledTransform, compileTransform } from '../transform/compile-transform.ts';
import { loadUserFunctions } from '../transform/functions/user-functions.ts';
import type { Transform } from '../transform/transform.ts';
import { checkSourceNames, placedAt } from './source-names.ts';
import type { OpenStores } from './stores.ts';

/** A spec made ready against its two stores. Nothing has been written. */
export interface Prepared extends AsyncDisposable {
  readonly scan: SourceScan;
  readonly transform: Transform;
  /** The target, for the name under which the undo is kept aside. */
  sinkTarget(aside: string): SinkTarget;
  /** Rows in one write. */
  readonly loadBatchSize: number;
}

/**
 * Opens the scan and compiles the rules: every mistake in a spec that can be known before the first row is found here. Throws
 * UNKNOWN_COLLECTION, UNKNOWN_FIELD, UNKNOWN_FUNCTION, INVALID_EXPRESSION and INVALID_DOCUMENT with their places.
 */
export async function prepare(loaded: LoadedSpec, stores: OpenStores): Promise<Prepared> {
  const { spec, extract, load } = loaded;
  const { source, target } = stores;
  await checkSourceNames(loaded, source.session, source.adapter.capabilities.fixed_columns);
  const users = await loadUserFunctions(loaded);
  const fixed = target.adapter.capabilities.key_field;
  const { scan, compiled } = await openScan(loaded, stores, (opened) => {
    if (opened.description.key.length === 0) throw withoutKey(loaded);
    return compileTransform(loaded, opened.description, users, fixed);
  });
  try {
    const existing = await target.session.introspect([load.target_table]);
    const { transform } = compiled;
    const key = targetKey({
      loaded,
      fixed,
      columns: transform.columns,
      dynamic: transform.dynamic,
      existing: existing.collections[load.target_table] ?? Object.values(existing.collections)[0],
      sourceKey: scan.description.key,
      rules: transform.rules,
    });
    return {
      scan,
      transform,
      loadBatchSize: Math.min(load.batch_size, target.adapter.capabilities.limits.batch_rows),
      sinkTarget: (aside) => ({
        collection: load.target_table,
        columns: transform.columns,
        dynamic: transform.dynamic,
        key,
        mode: load.mode,
        on_loss: spec.on_loss,
        aside,
        params: load.load_params,
      }),
      [Symbol.asyncDispose]: () => scan[Symbol.asyncDispose](),
    };
  } catch (error) {
    await scan[Symbol.asyncDispose]();
    throw placedAt(loaded, ['steps', loaded.index.load], error);
  }

  /** What a rule reads is known only when the columns are: a scan that gives more than is needed is opened again. */
  async function openScan(
    of: LoadedSpec,
    from: OpenStores,
    compile: (scan: SourceScan) => CompiledTransform,
  ): Promise<{ scan: SourceScan; compiled: CompiledTransform }> {
    const query: SourceQuery = {
      collection: extract.source_table,
      conditions: extract.conditions,
      fields: extract.fields && [...new Set([...extract.fields, ...(extract.key ?? [])])],
      key: extract.key,
      params: extract.extraction_params,
    };
    const open = async (fields: readonly string[] | undefined) => {
      try {
        return await from.source.source.scan({ ...query, fields: fields ?? query.fields });
      } catch (error) {
        throw placedAt(of, ['steps', of.index.extract], error);
      }
    };
    const wide = await open(undefined);
    try {
      const compiledWide = compile(wide);
      const needed = compiledWide.reads && neededFields(compiledWide.reads, wide);
      if (!needed) return { scan: wide, compiled: compiledWide };
      const narrow = await open(needed);
      try {
        const compiled = compile(narrow);
        await wide[Symbol.asyncDispose]();
        return { scan: narrow, compiled };
      } catch (error) {
        await narrow[Symbol.asyncDispose]();
        throw error;
      }
    } catch (error) {
      await wide[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** The fields to ask for, in the order of the source; undefined where all are needed. Paths count by their first part. */
function neededFields(reads: readonly string[], scan: SourceScan): string[] | undefined {
  const names = scan.description.columns.map((column) => column.name);
  const wanted = new Set(reads.map((path) => (names.includes(path) ? path : path.split('.')[0]!)));
  if (scan.description.dynamic) return [...wanted];
  const needed = names.filter((name) => wanted.has(name));
  return needed.length === names.length ? undefined : needed;
}

function withoutKey(loaded: LoadedSpec) {
  return specError(loaded, ['steps', loaded.index.extract], 'INVALID_DOCUMENT', `"${loaded.extract.source_table}" has no key`, {
    hint: 'Name the fields that identify a row by `key` in the extract step: they order the scan, and a run that stopped goes on behind them.',
  });
}

/** The name under which the undo of a run is kept aside in the target: letters, digits and underscores. */
export function asideName(specName: string, runId: string): string {
  const digest = createHash('sha256').update(specName).digest('hex').slice(0, 8);
  return `etl_${digest}_${runId.replaceAll('-', '').slice(0, 12)}`;
}
