import type { CollectionSchema, Conditions, JsonValue, SourceQuery } from '@polyshift/core';
import type { JoinedScan } from '../extract/joined.ts';
import { openJoined } from '../extract/joined-scan.ts';
import type { Flow } from '../spec/branches.ts';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import { type CompiledBranch, compileBranches } from '../transform/compile-branch.ts';
import type { RuleContext } from '../transform/compile-rule.ts';
import { checkSourceNames, placedAt } from './source-names.ts';
import type { OpenStores } from './stores.ts';

/** A flow whose scan is open and whose rules are compiled. */
export interface OpenFlow {
  readonly scan: JoinedScan;
  readonly branches: readonly CompiledBranch[];
  /** Opens the same scan anew, for the rows that meet these conditions too. */
  readonly only: (conditions: Conditions) => Promise<JoinedScan>;
}

/** Opens the scan of a flow. What a rule reads is known only when the columns are: a scan that gives more than is needed is opened again. */
export async function openFlow(
  loaded: LoadedSpec,
  stores: OpenStores,
  flow: Flow,
  context: RuleContext,
  tables: ReadonlyMap<string, CollectionSchema | undefined>,
  shared: JsonValue = null,
): Promise<OpenFlow> {
  const { extract } = flow;
  const { source, target } = stores;
  await checkSourceNames(loaded, flow, source.session, source.adapter.capabilities.fixed_columns);
  const query: SourceQuery = {
    collection: extract.source_table,
    conditions: extract.conditions,
    fields: extract.fields && [...new Set([...extract.fields, ...(extract.key ?? [])])],
    key: extract.key,
    params: extract.extraction_params,
    ...(shared === null ? {} : { shared }),
  };
  const open = async (fields: readonly string[] | undefined, conditions = query.conditions) => {
    try {
      return await openJoined(source.source, { ...query, conditions, fields: fields ?? query.fields }, extract.joins ?? []);
    } catch (error) {
      throw placedAt(loaded, ['steps', flow.index], error);
    }
  };
  const fixedKey = target.adapter.capabilities.key_field;
  const compile = (scan: JoinedScan): CompiledBranch[] => {
    if (scan.description.key.length === 0) throw withoutKey(loaded, flow);
    return compileBranches(loaded, flow.branches, scan.description, context, (branch) => {
      if (fixedKey !== undefined) return { name: fixedKey, fixed: true };
      const key = branch.key ?? tables.get(branch.target_table)?.key ?? [];
      return { name: key.length === 1 ? key[0] : undefined, fixed: false };
    });
  };
  let scan = await open(undefined);
  try {
    const branches = compile(scan);
    const needed = neededFields(branches, scan, flow);
    const only = (conditions: Conditions) =>
      open(needed, query.conditions ? { and: [query.conditions, conditions] } : conditions);
    if (!needed) return { scan, branches, only };
    const narrow = await open(needed);
    await scan[Symbol.asyncDispose]();
    scan = narrow;
    return { scan, branches: compile(scan), only };
  } catch (error) {
    await scan[Symbol.asyncDispose]();
    throw error;
  }
}

/** The fields to ask for, in the order of the source; undefined where all are needed. Paths count by their first part. */
function neededFields(branches: readonly CompiledBranch[], scan: JoinedScan, { extract }: Flow): string[] | undefined {
  const { description } = scan;
  const reads = [...description.key];
  for (const branch of branches) {
    if (!branch.reads) return undefined;
    reads.push(...branch.reads);
  }
  const joined = new Set((extract.joins ?? []).map((join) => join.as));
  const names = description.columns.map((column) => column.name);
  const wanted = new Set(
    reads.filter((path) => !joined.has(path.split('.')[0]!)).map((path) => (names.includes(path) ? path : path.split('.')[0]!)),
  );
  if (description.dynamic) return [...wanted];
  const own = names.filter((name) => !joined.has(name.split('.')[0]!));
  const needed = own.filter((name) => wanted.has(name));
  return needed.length === own.length ? undefined : needed;
}

function withoutKey(loaded: LoadedSpec, { extract, index }: Flow) {
  return specError(loaded, ['steps', index], 'INVALID_DOCUMENT', `"${extract.source_table}" has no key`, {
    hint: 'Name the fields that identify a row by `key` in the extract step: they order the scan, and a run that stopped goes on behind them.',
  });
}
