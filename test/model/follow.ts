import { compareVersions, type ErrorCode } from '@polyshift/core';
import type { Model, Path } from './model.ts';
import type { ModelStage } from './model-stage.ts';

/**
 * Leads the model along the path of a command that was killed, to where the history of the store stands now, which must be on that path; along
 * all of it where the command came to its end. Returns the code that the whole path ends with, where it was gone to its end.
 */
export async function followTo(model: Model, stage: ModelStage, path: Path, killed: boolean): Promise<ErrorCode | undefined> {
  const states = killed ? await statesSeen(stage) : undefined;
  const passed = [model.states];
  while (model.states !== states) {
    const { done, value } = path.next();
    passed.push(model.states);
    if (!done) continue;
    if (states === undefined || model.states === states) return value ?? undefined;
    throw new Error(`the killed run left the history at "${states}", which is not on its way: ${passed.join(' -> ')}`);
  }
  return undefined;
}

/** The state of each version in the history of the store, as text. */
export async function statesSeen(stage: ModelStage): Promise<string> {
  const records = await stage.session.journal.list('history');
  return records
    .sort((left, right) => compareVersions(left.version, right.version))
    .map(({ version, state }) => `${version} ${state}`)
    .join(', ');
}
