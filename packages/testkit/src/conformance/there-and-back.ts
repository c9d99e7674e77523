import { type AnyOperationInput, down, isPolyshiftError, type StoreSession, up } from '@polyshift/core';
import { expect } from 'vitest';
import { migration } from './stage.ts';
import { storeState } from './store-state.ts';

/** Applies migrations one after the other, up to the first that fails, which must leave no trace; then everything goes back to equal fingerprints. */
export async function thereAndBack(session: StoreSession, sequence: readonly (readonly AnyOperationInput[])[]): Promise<void> {
  const beginning = await storeState(session);
  const migrations = sequence.map((operations, index) => migration(String(index + 1), operations));
  for (let count = 1; count <= migrations.length; count++) {
    const before = await storeState(session);
    const error = await up({ session, migrations: migrations.slice(0, count) }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error === undefined) continue;
    expect(isPolyshiftError(error), String(error)).toBe(true);
    expect(await storeState(session), `after the failure of migration ${count}: ${String(error)}`).toEqual(before);
    break;
  }
  await down({ session, migrations }, { to: '0' });
  expect(await storeState(session)).toEqual(beginning);
}
