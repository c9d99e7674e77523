import type { Sink, SinkWriter } from '@polyshift/core';
import type { EtlRun } from '../journal/records.ts';
import type { PreparedTarget } from '../load/targets.ts';

/** The open targets of a run, in their order. */
export interface OpenWriters extends AsyncDisposable {
  readonly all: readonly SinkWriter[];
}

/**
 * Opens the targets of a run, parents first, and creates those that are to be created.
 *
 * @param alone whether no other process writes rows of the run at the same time
 */
export async function openWriters(
  sink: Sink,
  targets: readonly PreparedTarget[],
  run: Pick<EtlRun, 'targets'>,
  alone = false,
): Promise<OpenWriters> {
  const all: SinkWriter[] = [];
  const close = async (): Promise<void> => {
    await Promise.allSettled(all.map((writer) => writer[Symbol.asyncDispose]()));
  };
  try {
    // All targets of a run have the name that the first one is kept aside under, with their position behind it.
    const aside = run.targets[0]!.undo.aside;
    for (const [index, target] of targets.entries()) {
      all.push(await sink.open({ ...target.sinkTarget(aside), sole_writer: alone }, run.targets[index]!.undo));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { all, [Symbol.asyncDispose]: close };
}
