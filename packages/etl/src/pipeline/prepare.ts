import { createHash } from 'node:crypto';
import type { CollectionSchema, Conditions, SourceQuery } from '@polyshift/core';
import { ownValue } from '@polyshift/core';
import type { JoinedScan } from '../extract/joined.ts';
import { openJoined } from '../extract/joined-scan.ts';
import { openOrphanScan } from '../extract/orphan-scan.ts';
import { BatchSize } from '../load/batch-size.ts';
import { needsSample } from '../load/target-columns.ts';
import { type FlowBranch, type PreparedTarget, targetsOf } from '../load/targets.ts';
import type { Flow } from '../spec/branches.ts';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import { type CompiledBranch, compileBranches } from '../transform/compile-branch.ts';
import type { RuleContext } from '../transform/compile-rule.ts';
import { loadUserFunctions } from '../transform/functions/user-functions.ts';
import { type InferredField, inferFields } from '../transform/infer-columns.ts';
import { BatchLosses } from '../transform/losses.ts';
import { documentsOf, transformBatch } from '../transform/transform-batch.ts';
import { checkSourceNames, placedAt } from './source-names.ts';
import type { OpenStores } from './stores.ts';
import type { TransformUnit } from './units.ts';

/** Rows that are looked at to tell the types of fields that the source has no types for. */
const sampleRows = 1000;

/** One branch of a flow: how its rows are made, and where they go. */
export interface PreparedBranch {
  readonly compiled: CompiledBranch;
  /** The position of the target. */
  readonly target: number;
  /** Rows in one write, at most: asked for each, since it changes where it is found by feedback. */
  readonly batchSize: number;
}

/** A scan with all that is loaded from it. */
export interface PreparedFlow {
  readonly scan: JoinedScan;
  readonly table: string;
  /** Rows in one read, at most. */
  readonly readSize: number;
  /** Source rows in one unit, at most: asked for each, as the rows of a write are. */
  readonly unitSize: number;
  readonly branches: readonly PreparedBranch[];
  readonly transform: TransformUnit;
  /** Whether it only looks for rows that belong to none of another flow: its other rows count nowhere. */
  readonly looksForOrphans: boolean;
  /** The flow of which it looks for orphans, and the fields of the joined table with those of the flow that they refer to. */
  readonly orphansOf: { readonly flow: number; readonly on: Readonly<Record<string, string>> } | undefined;
  /** Opens the same scan anew, for the rows that meet these conditions too. */
  only(conditions: Conditions): Promise<JoinedScan>;
}

/** The rows of one write as they are now, by target: those of its first branch. */
export function writeRowsOf({ flows, targets }: Pick<Prepared, 'flows' | 'targets'>): number[] {
  const branches = flows.flatMap((flow) => flow.branches);
  return targets.map((_, index) => branches.find(({ target }) => target === index)!.batchSize);
}

/** A spec made ready against its two stores. Nothing has been written. */
export interface Prepared extends AsyncDisposable {
  readonly flows: readonly PreparedFlow[];
  /** Parents before the tables that refer to them. */
  readonly targets: readonly PreparedTarget[];
  /** By target: finds the rows of its writes, where the spec does not give them. */
  readonly sizes: readonly BatchSize[];
}

/** What an earlier part of a run has settled: the fields of each target. */
export type SettledFields = ReadonlyMap<string, readonly InferredField[]>;

/** What is known of a run before its spec is made ready. */
export interface PrepareOptions {
  /** Fields of the targets, from the journal of the run; undefined for one that is to begin. */
  readonly settled?: SettledFields | undefined;
}

/**
 * Opens the scans and compiles the rules: every mistake in a spec that can be known before the first row is found here. Throws
 * UNKNOWN_COLLECTION, UNKNOWN_FIELD, UNKNOWN_FUNCTION, INVALID_EXPRESSION and INVALID_DOCUMENT with their places.
 */
export async function prepare(loaded: LoadedSpec, stores: OpenStores, options: PrepareOptions = {}): Promise<Prepared> {
  const { target } = stores;
  const { capabilities } = target.adapter;
  const context: RuleContext = {
    users: await loadUserFunctions(loaded),
    losses: new BatchLosses(loaded.spec.on_loss === 'error'),
  };
  const tables = new Map<string, CollectionSchema | undefined>();
  for (const { target_table } of loaded.flows.flatMap(({ branches }) => branches)) {
    if (!tables.has(target_table)) tables.set(target_table, await collectionOf(stores, target_table));
  }
  const scans: JoinedScan[] = [];
  try {
    const opened: (OpenFlow & { readonly flow: Flow })[] = [];
    for (const flow of loaded.flows) {
      const open = await openFlow(loaded, stores, flow, context, tables);
      scans.push(open.scan);
      opened.push({ flow, ...open });
    }
    const flat = opened.flatMap(({ branches, scan }, flow) =>
      branches.map((branch, position): FlowBranch => ({ flow, position, branch, sourceKey: scan.description.key })),
    );
    const inferred = options.settled ?? (await sampled(opened, tables, capabilities.fixed_columns, context));
    const ready = targetsOf(flat, {
      loaded,
      keyField: capabilities.key_field,
      fixedColumns: capabilities.fixed_columns,
      existingOf: (table) => tables.get(table),
      settled: options.settled !== undefined,
      inferredOf: (table) => inferred.get(table) ?? [],
    });
    const rebuilt = ready.targets.find(({ rebuildsIndexes }) => rebuildsIndexes);
    if (rebuilt && !target.sink.indexes) throw withoutIndexes(loaded, rebuilt, capabilities.title);
    const { batch_rows, batch_bytes } = capabilities.limits;
    const sizes = ready.targets.map((_, index) => {
      const { flow } = ready.branches.find((branch) => branch.target === index)!;
      const read = opened[flow]!.flow.extract.batch_size;
      return new BatchSize({ read, rows: batch_rows, bytes: batch_bytes });
    });
    const flows = opened.map(({ flow, scan, only }, index): PreparedFlow => {
      const branches = ready.branches
        .filter((each) => each.flow === index)
        .map(({ branch, target: to }) => ({
          compiled: branch,
          target: to,
          get batchSize() {
            return sizes[to]!.rows(branch.spec.batch_size);
          },
        }));
      const compiled = branches.map((each) => each.compiled);
      return {
        scan,
        table: flow.extract.source_table,
        readSize: flow.extract.batch_size,
        get unitSize() {
          return branches[0]!.batchSize;
        },
        branches,
        transform: (batch, refused) => transformBatch(compiled, context.losses, batch, refused),
        looksForOrphans: false,
        orphansOf: undefined,
        only,
      };
    });
    for (const [position, flow] of loaded.flows.entries()) {
      for (const join of flow.extract.joins ?? []) {
        if (join.orphans !== 'reject') continue;
        const only = (conditions?: Conditions) => openOrphanScan(stores.source.source, flow.extract, join, conditions);
        const scan = await only();
        scans.push(scan);
        flows.push({
          scan,
          table: join.table,
          readSize: flow.extract.batch_size,
          unitSize: flow.extract.batch_size,
          branches: [],
          transform: (batch, refused) => transformBatch([], context.losses, batch, refused),
          looksForOrphans: true,
          orphansOf: { flow: position, on: join.on },
          only,
        });
      }
    }
    return { flows, targets: ready.targets, sizes, [Symbol.asyncDispose]: () => closeAll(scans) };
  } catch (error) {
    await closeAll(scans);
    throw placedAt(loaded, loaded.flows[0]!.branches[0]!.place, error);
  }
}

async function closeAll(scans: readonly JoinedScan[]): Promise<void> {
  await Promise.allSettled(scans.map((scan) => scan[Symbol.asyncDispose]()));
}

async function collectionOf(stores: OpenStores, table: string): Promise<CollectionSchema | undefined> {
  const { collections } = await stores.target.session.introspect([table]);
  return ownValue(collections, table) ?? Object.values(collections)[0];
}

interface OpenFlow {
  readonly scan: JoinedScan;
  readonly branches: readonly CompiledBranch[];
  readonly only: PreparedFlow['only'];
}

/** Opens the scan of a flow. What a rule reads is known only when the columns are: a scan that gives more than is needed is opened again. */
async function openFlow(
  loaded: LoadedSpec,
  stores: OpenStores,
  flow: Flow,
  context: RuleContext,
  tables: ReadonlyMap<string, CollectionSchema | undefined>,
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

/** What the first rows show of fields whose types the source does not tell, by target; looked at only where a target is to be created. */
async function sampled(
  opened: readonly { readonly scan: JoinedScan; readonly branches: readonly CompiledBranch[] }[],
  tables: ReadonlyMap<string, CollectionSchema | undefined>,
  fixed: boolean,
  { losses }: RuleContext,
): Promise<SettledFields> {
  const fields = new Map<string, InferredField[]>();
  for (const { scan, branches } of opened) {
    const wanted = branches.map(({ spec }, index) =>
      needsSample(branches[index]!, { fixed, existing: tables.get(spec.target_table), types: spec.types ?? {} }),
    );
    if (!wanted.includes(true)) continue;
    const [partition] = await scan.partitions(1);
    for await (const { batch, refused = [] } of scan.read(partition!, { batch_size: sampleRows })) {
      const { outputs } = transformBatch(branches, losses, batch, refused);
      for (const [index, { spec }] of branches.entries()) {
        if (!wanted[index]) continue;
        const documents = documentsOf(outputs[index]!.batch);
        const found = inferFields(documents.documents.map((raw) => documents.decode(raw)));
        const known = fields.get(spec.target_table) ?? [];
        fields.set(spec.target_table, [...known, ...found.filter(({ name }) => !known.some((each) => each.name === name))]);
      }
      break;
    }
  }
  return fields;
}

function withoutKey(loaded: LoadedSpec, { extract, index }: Flow) {
  return specError(loaded, ['steps', index], 'INVALID_DOCUMENT', `"${extract.source_table}" has no key`, {
    hint: 'Name the fields that identify a row by `key` in the extract step: they order the scan, and a run that stopped goes on behind them.',
  });
}

function withoutIndexes(loaded: LoadedSpec, { place }: PreparedTarget, title: string) {
  return specError(loaded, place, 'UNSUPPORTED_OPERATION', `${title} has no indexes that a load can drop and build again`, {
    hint: 'Leave `indexes: rebuild` out.',
  });
}

/** The name under which the undo of a run is kept aside in the target: letters, digits and underscores. */
export function asideName(specName: string, runId: string): string {
  const digest = createHash('sha256').update(specName).digest('hex').slice(0, 8);
  return `etl_${digest}_${runId.replaceAll('-', '').slice(0, 12)}`;
}
