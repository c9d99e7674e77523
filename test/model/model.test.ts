import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type MatrixStore, matrixStores } from '../matrix/stores.ts';
import { concurrentCommand } from './commands/concurrent.ts';
import { appendCommand, editCommand } from './commands/edit.ts';
import { finalizeCommand } from './commands/finalize.ts';
import { killCommand } from './commands/kill.ts';
import { loseLeaseCommand } from './commands/lose-lease.ts';
import { moveCommand } from './commands/move.ts';
import { repairCommand } from './commands/repair.ts';
import { unlockCommand } from './commands/unlock.ts';
import { firstContent, spareFields } from './content.ts';
import { Model } from './model.ts';
import { ModelStage } from './model-stage.ts';

/** Sequences on each store: few in CI, as many as wanted in a long run. */
const shortRuns: Partial<Record<MatrixStore['server'], number>> = { postgresql: 4, mongodb: 4, elasticsearch: 1 };
const asked = process.env['POLYSHIFT_MODEL_RUNS'];
const runsOf = ({ server }: MatrixStore): number => (asked === undefined ? (shortRuns[server] ?? 2) : Number(asked));

/** Commands of a sequence, at most. */
const maxCommands = Number(process.env['POLYSHIFT_MODEL_COMMANDS'] ?? 14);

const commands = [
  appendCommand,
  appendCommand,
  moveCommand,
  moveCommand,
  killCommand,
  killCommand,
  loseLeaseCommand,
  concurrentCommand,
  editCommand,
  repairCommand,
  finalizeCommand,
  unlockCommand,
];

/** A model before anything has happened: the first file is there, and nothing applied. */
function beginning(): Model {
  const model = new Model();
  model.files.set('0010', firstContent);
  model.spare = [...spareFields];
  return model;
}

describe.each(matrixStores)('the history of $server', (store) => {
  it('is at every moment what a model of it says, whatever happens to runs and files', { timeout: 24 * 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands, size: 'max' }), async (sequence) => {
        await using stage = await ModelStage.open(store);
        await fc.asyncModelRun(() => ({ model: beginning(), real: stage }), sequence);
      }),
      // The smallest sequence that fails is found by replaying parts of it, each on a database of its own: that takes its time.
      { numRuns: runsOf(store), endOnFailure: process.env['CI'] !== undefined },
    );
  });
});
