import { appendFileSync } from 'node:fs';

// Loaded by `node --import` before the command, in a child process with a channel to its parent: tells the places that the command passes, and
// stops it at the one that it was told to. Its settings are in the environment; see `watch-command.ts`.

const { POLYSHIFT_PLACES_FILE: file, POLYSHIFT_STOP_AT: stopAt } = process.env;
let passed = 0;

/** Waits until the parent says to go on. A parent that is gone does not come back: then the command goes on too. */
function released(): Promise<void> {
  return new Promise((resolve) => {
    process.once('message', () => resolve());
    process.once('disconnect', () => resolve());
  });
}

(globalThis as { [key: symbol]: unknown })[Symbol.for('polyshift.fault')] = async (place: string): Promise<void> => {
  passed++;
  if (file !== undefined) appendFileSync(file, `${place}\n`);
  const stop = passed === Number(stopAt);
  // The first place is told too: the command is loaded and connected, and its work begins.
  if (passed === 1 || stop) process.send?.({ place, passed, stopped: stop });
  if (!stop) return;
  await released();
  // Nobody is listened to any more: the channel must not keep the process alive.
  process.channel?.unref();
};
