import { batchSize, type IndexPlan, type ServerInfo, type TargetField, typeText } from '@polyshift/core';
import { type PlannedChecks, plannedChecks } from './checks/planned-checks.ts';
import { lettersName, planLetters } from './dead-letters/open-letters.ts';
import type { EtlDependencies } from './dependencies.ts';
import { EtlRecords, type EtlRun } from './journal/records.ts';
import { foreignKeyTexts } from './load/foreign-keys.ts';
import { missingIndexes } from './load/indexes.ts';
import type { PreparedTarget } from './load/targets.ts';
import { fieldsToGoOnWith, loadsOnce } from './pipeline/begin-run.ts';
import { asideName, type Prepared, type PreparedBranch, prepare } from './pipeline/prepare.ts';
import { quietly } from './pipeline/quietly.ts';
import { placedAt } from './pipeline/source-names.ts';
import { type OpenStores, openStores } from './pipeline/stores.ts';
import type { LoadedSpec } from './spec/load-spec.ts';
import { specChecksum } from './spec/spec-checksum.ts';

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

/** One target of a plan. */
export interface PlannedTarget {
  readonly collection: string;
  readonly key: readonly string[];
  readonly mode: string;
  readonly before: 'absent' | 'empty' | 'filled';
  readonly fields: readonly PlannedField[];
  /** What becomes of its indexes, where the load rebuilds them: which are dropped, and which stay for what reason. */
  readonly indexes?: { readonly dropped: readonly string[]; readonly stays: IndexPlan['stays'] };
  /** What `etl rollback` will do with it, for people. */
  readonly undo: string;
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
  /** All that is read, in order; `source` has the first of them. */
  readonly sources: readonly { readonly collection: string; readonly rows: number; readonly key: readonly string[] }[];
  readonly target: {
    readonly server: ServerInfo;
    readonly collection: string;
    readonly key: readonly string[];
    readonly mode: string;
    /** What the target is now. */
    readonly before: 'absent' | 'empty' | 'filled';
  };
  /** The fields of the first target; empty where documents go through as they are. */
  readonly fields: readonly PlannedField[];
  /** All targets in the order of loading; `target` and `fields` have the first of them. */
  readonly targets: readonly PlannedTarget[];
  /** What the rules made of the first rows. */
  readonly sample: { readonly rows: number; readonly rejected: number; readonly examples: readonly string[] };
  /** What the sinks will run, with placeholders. */
  readonly statements: readonly string[];
  readonly partitions: number;
  /** Rows in one read and one write; with `load_found` the latter is the first one, from which feedback finds the size while the run works. */
  readonly batches: {
    readonly extract: number;
    readonly load: number;
    readonly load_found: boolean;
    readonly writes_in_flight: number;
  };
  readonly on_loss: string;
  readonly max_rejected: number | string;
  /** Where rejected rows would be kept, for people. */
  readonly dead_letters: string;
  /** The checks of the spec, which a plan does not run. */
  readonly checks: PlannedChecks;
  /** What `etl run` would do: begin, resume, repeat the checks of a load whose rows are all written, or nothing. */
  readonly next: 'begin' | 'check' | 'resume' | 'already_done' | 'spec_changed' | 'finish_rollback';
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
  const records = new EtlRecords(stores.target.session.journal, loaded.spec.name);
  const last = await records.run();
  const prepared = await prepare(loaded, stores, { settled: fieldsToGoOnWith(last) });
  await using _scan = quietly(prepared);
  const { spec } = loaded;
  const planned = await planTargets(loaded, stores, prepared);
  const created = (target: number) => planned[target]!.target.before === 'absent';
  const sources: EtlPlanReport['sources'][number][] = [];
  let partitions = 0;
  for (const { table, scan, looksForOrphans } of prepared.flows) {
    if (looksForOrphans) continue;
    sources.push({ collection: table, rows: await scan.count(), key: scan.description.key });
    partitions += (await scan.partitions(spec.partitions)).length;
  }
  const [first] = planned;
  const { collection, key, mode, before } = first!.target;
  return {
    spec: spec.name,
    source: { server: stores.source.session.server, ...sources[0]! },
    sources,
    target: { server: stores.target.session.server, collection, key, mode, before },
    fields: first!.target.fields,
    targets: planned.map(({ target }) => target),
    sample: await sampleOf(prepared),
    statements: [
      ...planned.flatMap(({ statements }) => statements),
      ...foreignKeyTexts(stores.target.session, prepared.targets, created),
      ...(await missingTexts(stores, last)),
    ],
    partitions,
    batches: {
      extract: prepared.flows[0]!.readSize,
      load: prepared.flows[0]!.unitSize,
      load_found: prepared.flows[0]!.branches[0]!.compiled.spec.batch_size === undefined,
      writes_in_flight: spec.concurrency,
    },
    on_loss: spec.on_loss,
    max_rejected: spec.max_rejected,
    dead_letters: lettersName(await planLetters(loaded, stores.target, asideName(spec.name, 'plan'))),
    checks: plannedChecks(spec.checks),
    next: await nextStep(loaded, records),
    undo: [...new Set(planned.map(({ target }) => target.undo))].join('; '),
  };
}

async function planTargets(
  loaded: LoadedSpec,
  stores: OpenStores,
  prepared: Prepared,
): Promise<{ target: PlannedTarget; statements: readonly string[] }[]> {
  const aside = asideName(loaded.spec.name, 'plan');
  const planned: { target: PlannedTarget; statements: readonly string[] }[] = [];
  for (const [index, target] of prepared.targets.entries()) {
    try {
      const { undo, statements, fields = [] } = await stores.target.sink.plan(target.sinkTarget(aside));
      const branches = prepared.flows.flatMap((flow) => flow.branches).filter((branch) => branch.target === index);
      const rebuilds = target.rebuildsIndexes && undo.before !== 'absent';
      const indexes = rebuilds ? await stores.target.sink.indexes?.plan(target.sinkTarget(aside)) : undefined;
      planned.push({
        statements: [
          ...(indexes?.stays ?? []).map(({ name, why }) => `index ${name} stays: it ${why}`),
          ...(indexes?.statements.before ?? []),
          ...statements,
          ...(indexes?.statements.after ?? []),
        ],
        target: {
          collection: target.table,
          key: target.key,
          mode: target.mode,
          before: undo.before,
          fields: plannedFields(target, branches, fields),
          ...(indexes ? { indexes: { dropped: indexes.dropped.map(({ name }) => name), stays: indexes.stays } } : {}),
          undo: indexes?.dropped.length
            ? `${undoTexts[undo.before]}, and builds the indexes again that are dropped`
            : undoTexts[undo.before],
        },
      });
    } catch (error) {
      throw placedAt(loaded, target.place, error);
    }
  }
  return planned;
}

/** What is to be built again of an earlier run, which had dropped it. */
async function missingTexts(stores: OpenStores, last: EtlRun | undefined): Promise<string[]> {
  const missing = await missingIndexes(stores.target.sink, last?.targets ?? []);
  return missing.flatMap(({ collection, names }) =>
    names.map((name) => `index ${name} of ${collection} is missing: the run before has dropped it, and this one builds it again`),
  );
}

/** The fields of a target: those that rules make, and those that documents are put into where the target has a fixed list. */
function plannedFields(
  target: PreparedTarget,
  branches: readonly PreparedBranch[],
  fields: readonly TargetField[],
): PlannedField[] {
  const rules = branches.flatMap(({ compiled }) => compiled.rules);
  const rest = target.columns.filter(({ name }) => !rules.some((rule) => rule.column.name === name));
  const made = [...rules, ...rest.map((column) => ({ column, text: column.name, notes: [] }))];
  const names = [...new Set(made.map(({ column }) => column.name))];
  return names.map((name) => {
    const same = made.filter(({ column }) => column.name === name);
    const column = target.columns.find((each) => each.name === name) ?? same[0]!.column;
    const field = fields.find((each) => each.name === name);
    return {
      target: name,
      rule: [...new Set(same.map(({ text }) => text))].join(' or '),
      type: column.native ?? typeText(column.type),
      target_type: field?.type ?? null,
      nullable: column.nullable,
      notes: [
        ...new Set(same.flatMap(({ notes }) => notes)),
        ...(field?.losses ?? []).map((loss) => `can lose: ${loss.replaceAll('_', ' ')}`),
      ],
    };
  });
}

/** Tries the rules on the first rows, so that what they reject is known before the run. */
async function sampleOf({ flows }: Prepared): Promise<EtlPlanReport['sample']> {
  const sample = { rows: 0, rejected: 0, examples: [] as string[] };
  for (const { scan, transform, looksForOrphans } of flows) {
    if (looksForOrphans) continue;
    const [partition] = await scan.partitions(1);
    for await (const { batch, refused = [] } of scan.read(partition!, { batch_size: sampleRows })) {
      const { rejected } = transform(batch, refused);
      sample.rows += batchSize(batch);
      sample.rejected += rejected.length;
      sample.examples.push(...rejected.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)));
      break;
    }
  }
  return { ...sample, examples: sample.examples.slice(0, 5) };
}

async function nextStep(loaded: LoadedSpec, records: EtlRecords): Promise<EtlPlanReport['next']> {
  const run = await records.run();
  if (!run || run.state === 'rolled_back') return 'begin';
  if (run.state === 'rolling_back') return 'finish_rollback';
  if (run.spec_checksum !== (await specChecksum(loaded))) return 'spec_changed';
  if (run.state === 'running') return 'resume';
  if (run.state === 'loaded') return 'check';
  return loadsOnce(loaded) ? 'already_done' : 'begin';
}
