import type { Prepared } from '../pipeline/prepare.ts';
import type { Spec } from '../spec/spec.ts';
import type { Engine } from './engine.ts';
import { localEngine } from './local.ts';

/**
 * The engine of a load: the one that is given, else this process. This process too where many source rows share a row of a target: of two that write the same new
 * row at once each would find it missing, and only within one process they wait for each other. `notes` says so.
 */
export function chooseEngine(
  given: Engine | undefined,
  { targets }: Pick<Prepared, 'targets'>,
  spec: Pick<Spec, 'partitions'>,
): { readonly engine: Engine; readonly notes: readonly string[] } {
  const local = localEngine(spec.partitions);
  if (!given) return { engine: local, notes: [] };
  const shared = targets.filter(({ distinct }) => distinct).map(({ table }) => table);
  if (given.locks === 'run' || shared.length === 0) return { engine: given, notes: [] };
  const note = `Many source rows share a row of ${shared.join(', ')}: this process loaded them, without workers.`;
  return { engine: local, notes: [note] };
}
