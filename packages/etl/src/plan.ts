import { batchSize, type ServerInfo, type TargetField, typeText } from '@polyshift/core';
import type { EtlDependencies } from './dependencies.ts';
import { EtlRecords } from './journal/records.ts';
import { rejectedFile } from './load/rejections.ts';
import { asideName, type Prepared, prepare } from './pipeline/prepare.ts';
import { quietly } from './pipeline/quietly.ts';
import { placedAt } from './pipeline/source-names.ts';
import { openStores } from './pipeline/stores.ts';
import type { LoadedSpec } from './spec/load-spec.ts';
import { specChecksum } from './spec/spec-checksum.ts';
import type { Transform } from './transform/transform.ts';

/** Rows that a plan tries the rules on, at most. */
const sampleRows = 1000;

/** One field of the target in a plan. */
export interface PlannedField {
  readonly target: string;
  /** How the value is made. */
  readonly rule: string;
  /** The type that comes out of the rule: the source's own for a copy, else a portable one. */
  readonly type: string;
  /** The type in the target's words; null where its adapter does not tell. */
  readonly target_type: string | null;
  readonly nullable: boolean;
  /** What the rule cannot carry exactly, and what the target can lose of values of this type. */
  readonly notes: readonly string[];
}

/** What `etl plan` shows; nothing has been written. */
export interface EtlPlanReport {
  readonly spec: string;
  readonly source: {
    readonly server: ServerInfo;
    readonly collection: string;
    readonly rows: number;
    readonly key: readonly string[];
  };
  readonly target: {
    readonly server: ServerInfo;
    readonly collection: string;
    readonly key: readonly string[];
    readonly mode: string;
    /** What the target is now. */
    readonly before: 'absent' | 'empty' | 'filled';
  };
  /** Empty where documents go through as they are. */
  readonly fields: readonly PlannedField[];
  /** What the rules made of the first rows. */
  readonly sample: { readonly rows: number; readonly rejected: number; readonly examples: readonly string[] };
  /** What the sink will run, with placeholders. */
  readonly statements: readonly string[];
  readonly partitions: number;
  readonly batches: { readonly extract: number; readonly load: number; readonly writes_in_flight: number };
  readonly on_loss: string;
  readonly max_rejected: number | string;
  readonly rejected_file: string;
  /** What `etl run` would do: begin, resume, or nothing. */
  readonly next: 'begin' | 'resume' | 'already_done' | 'spec_changed' | 'finish_rollback';
  /** What `etl rollback` will do, for people. */
  readonly undo: string;
}

const undoTexts = {
  absent: 'drops the target, which this load creates',
  empty: 'empties the target, which is there already and empty',
  filled: 'removes the rows that this load inserts and restores those that it replaces',
} as const;

/** Makes everything ready and tells what a run would do. Writes nothing. Throws whatever is wrong with the spec. */
export async function planEtl(loaded: LoadedSpec, dependencies: EtlDependencies): Promise<EtlPlanReport> {
  await using stores = await openStores(loaded, dependencies);
  const prepared = await prepare(loaded, stores);
  await using _scan = quietly(prepared);
  const { spec, extract, load } = loaded;
  const target = prepared.sinkTarget(asideName(spec.name, 'plan'));
  let planned: Awaited<ReturnType<typeof stores.target.sink.plan>>;
  try {
    planned = await stores.target.sink.plan(target);
  } catch (error) {
    throw placedAt(loaded, ['steps', loaded.index.load], error);
  }
  return {
    spec: spec.name,
    source: {
      server: stores.source.session.server,
      collection: extract.source_table,
      rows: await prepared.scan.count(),
      key: prepared.scan.description.key,
    },
    target: {
      server: stores.target.session.server,
      collection: load.target_table,
      key: target.key,
      mode: load.mode,
      before: planned.undo.before,
    },
    fields: plannedFields(prepared.transform, planned.fields ?? []),
    sample: await sampleOf(prepared),
    statements: planned.statements,
    partitions: (await prepared.scan.partitions(spec.partitions)).length,
    batches: { extract: extract.batch_size, load: prepared.loadBatchSize, writes_in_flight: spec.concurrency },
    on_loss: spec.on_loss,
    max_rejected: spec.max_rejected,
    rejected_file: rejectedFile(loaded),
    next: await nextStep(loaded, new EtlRecords(stores.target.session.journal, spec.name)),
    undo: undoTexts[planned.undo.before],
  };
}

function plannedFields(transform: Transform, fields: readonly TargetField[]): PlannedField[] {
  return transform.rules.map((rule) => {
    const field = fields.find((each) => each.name === rule.column.name);
    return {
      target: rule.column.name,
      rule: rule.text,
      type: rule.column.native ?? typeText(rule.column.type),
      target_type: field?.type ?? null,
      nullable: rule.column.nullable,
      notes: [...rule.notes, ...(field?.losses ?? []).map((loss) => `can lose: ${loss.replaceAll('_', ' ')}`)],
    };
  });
}

/** Tries the rules on the first rows, so that what they reject is known before the run. */
async function sampleOf(prepared: Prepared): Promise<EtlPlanReport['sample']> {
  const [partition] = await prepared.scan.partitions(1);
  for await (const { batch } of prepared.scan.read(partition!, { batch_size: sampleRows })) {
    const { rejected } = prepared.transform.apply(batch);
    return {
      rows: batchSize(batch),
      rejected: rejected.length,
      examples: rejected.slice(0, 5).map(({ field, message }) => `${field}: ${message}`),
    };
  }
  return { rows: 0, rejected: 0, examples: [] };
}

async function nextStep(loaded: LoadedSpec, records: EtlRecords): Promise<EtlPlanReport['next']> {
  const run = await records.run();
  if (!run || run.state === 'rolled_back') return 'begin';
  if (run.state === 'rolling_back') return 'finish_rollback';
  if (run.spec_checksum !== (await specChecksum(loaded))) return 'spec_changed';
  if (run.state === 'running') return 'resume';
  return loaded.load.mode === 'insert' ? 'already_done' : 'begin';
}
