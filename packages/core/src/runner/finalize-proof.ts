import type { HistoryRecord, StepRecord } from '../adapter/journal-store.ts';
import type { KeptAside } from '../adapter/kept-aside.ts';
import { type Check, fail, pass } from '../checks/check.ts';
import { downOffset } from '../journal/step-key.ts';
import { writtenCollections } from '../operation/written-collections.ts';
import type { FinalizedOperation } from './finalize-report.ts';
import type { Run } from './run.ts';
import type { Step } from './step.ts';

/** What finalizing one operation deletes, and the proof that it may. */
export interface StepProof {
  readonly operation: FinalizedOperation;
  readonly kept: KeptAside;
}

/**
 * Proves for one operation that what it keeps aside is not needed any more: its change is there, complete, held against the live data where
 * these are still what it has left.
 *
 * @param own the step as it is journaled
 * @param later the steps that were applied after it
 */
export async function proveStep(step: Step, own: StepRecord, later: readonly StepRecord[]): Promise<StepProof> {
  const amount = await step.kept();
  const { rows, bytes } = amount;
  const proven = (proof: FinalizedOperation['proof'], checks: readonly Check[]): StepProof => ({
    operation: { step: step.name.step, type: step.name.type, collection: step.name.collection, proof, checks },
    kept: amount,
  });
  if (step.finalizing) return proven('begun', [pass('kept_aside', 'an earlier finalize has proven it, and begun to delete')]);
  if (step.hasVersions) return proven('live', await step.proveMove());
  if (rows === 0) return proven('nothing', [pass('kept_aside', 'it keeps no rows aside')]);
  const kept = pass('kept_aside', `${rows} rows are kept aside`, { rows, bytes });
  const changer = later.find((each) => changesWhatItMade(each, own));
  if (changer) return proven('journal', [kept, journaledProof(step, changer)]);
  return proven('live', [kept, ...(await step.prove())]);
}

/** The steps that were applied after a version, and within it after a step, by the order of application; those of half-done versions too. */
export function laterSteps(run: Run, record: HistoryRecord, all: readonly StepRecord[], { index }: StepRecord): StepRecord[] {
  const rankOf = (version: string): number => run.history.of(version)?.rank ?? 0;
  return all.filter(
    (each) =>
      each.state !== 'rolled_back' &&
      each.index < downOffset &&
      (each.version === record.version ? each.index > index : rankOf(each.version) > record.rank),
  );
}

/** Operations over which the rows of a collection, and its fields, stay what they are. */
const indexesOnly = new Set(['create_index', 'alter_index', 'drop_index']);

function changesWhatItMade(later: StepRecord, own: StepRecord): boolean {
  const [type, ownType] = [String(later.operation['type']), String(own.operation['type'])];
  if (type === 'run_sql') return true;
  if (indexesOnly.has(type) && !indexesOnly.has(ownType)) return false;
  const made = writtenCollections(own.operation);
  return writtenCollections(later.operation).some((each) => made.includes(each));
}

function journaledProof(step: Step, changer: StepRecord): Check {
  const what = `version ${changer.version} has changed it since by ${String(changer.operation['type'])}, so that it cannot be held against the live data any more`;
  const failed = step.checks.filter((check) => check.status === 'FAILED');
  const passed = step.checks.length - failed.length;
  if (step.state === 'done' && failed.length === 0)
    return pass('journaled_proof', `${what}; ${passed} checks passed when it was applied`);
  return fail(
    'journaled_proof',
    `${what}, and it was not proven when it was applied`,
    'Take the later versions back first, and see why.',
  );
}
