import { createHash } from 'node:crypto';
import type { CollectionSchema, Conditions, JsonValue } from '@polyshift/core';
import { ownValue } from '@polyshift/core';
import type { JoinedScan } from '../extract/joined.ts';
import { openOrphanScan } from '../extract/orphan-scan.ts';
import { BatchSize } from '../load/batch-size.ts';
import { needsSample } from '../load/target-columns.ts';
import { type FlowBranch, type PreparedTarget, targetsOf } from '../load/targets.ts';
import type { Flow } from '../spec/branches.ts';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import type { CompiledBranch } from '../transform/compile-branch.ts';
import type { RuleContext } from '../transform/compile-rule.ts';
import { loadUserFunctions } from '../transform/functions/user-functions.ts';
import { type InferredField, inferFields } from '../transform/infer-columns.ts';
import { BatchLosses } from '../transform/losses.ts';
import { documentsOf, transformBatch } from '../transform/transform-batch.ts';
import { type OpenFlow, openFlow } from './open-flow.ts';
import { placedAt } from './source-names.ts';
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
  /** By flow, what the scans of the run share with those of its workers; see `SourceQuery.shared`. */
  readonly shared?: readonly JsonValue[] | undefined;
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
    for (const [index, flow] of loaded.flows.entries()) {
      const open = await openFlow(loaded, stores, flow, context, tables, options.shared?.[index]);
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
      return new BatchSize({ read, rows: batch_rows, bytes: batch_bytes, together: loaded.spec.concurrency });
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
