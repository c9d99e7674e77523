import { type Check, checkThat, fail, pass, pause, type RunContext } from '@polyshift/core';
import { keyList } from '../change/key-text.ts';
import type { RowKey } from '../row-store.ts';
import { backOf, contradictions, decide, type Found, forwardOf } from './decide.ts';
import { everyKey } from './every-key.ts';
import type { OnlineState } from './state.ts';
import { readAll, type Sync } from './sync.ts';

/** How often rows that differ are read again, because both sides were not read at the same moment. */
const looks = 4;

/** Milliseconds between two looks. */
const pauseMs = 50;

/** Rows that may wait to be carried over, at most: so many, or a tenth of all. */
const mostWaiting = 1000;

/**
 * The proof of both versions: every key that either knows is read, and each row held against the mapping of the other. Only reads, and is right while
 * applications write: rows written since they were last in step wait to be carried over, and are counted.
 */
export async function proveVersions<Raw>(sync: Sync<Raw>, batch_size: number, run: RunContext): Promise<Check[]> {
  const { versions } = sync;
  let [count, waiting] = [0, 0];
  const differing: RowKey[] = [];
  for await (const { keys, known } of everyKey(sync, batch_size)) {
    for (const found of await readAll(sync, keys, known)) {
      const is = judge(sync, found);
      if (is === 'equal') count++;
      else if (is === 'waiting') waiting++;
      else differing.push(found.key);
    }
  }
  let open: readonly RowKey[] = differing;
  for (let look = 0; look < looks && open.length > 0; look++) {
    if (look > 0) await pause(pauseMs, run.signal);
    const found = await readAll(sync, open);
    open = found.filter((each) => judge(sync, each) === 'different').map(({ key }) => key);
  }
  const late = waiting > Math.max(mostWaiting, count / 10);
  const facts = { count, waiting, different: open.length };
  return [
    checkThat(
      open.length === 0,
      'versions_equal',
      {
        pass: `${count} rows of ${versions.old} and ${versions.new} are equal by the mapping${waiting > 0 ? `; ${waiting} were just written and wait to be carried over` : ''}`,
        fail: `${open.length} rows of ${versions.old} and ${versions.new} are not equal by the mapping: ${keyList(open)}`,
        action: 'Correct them in either version: a write that fits both is carried over.',
      },
      facts,
    ),
    ...(late
      ? [
          fail(
            'carried_over',
            `${waiting} rows wait to be carried over`,
            'Run `polyshift follow`, which carries over what is written to either version.',
            facts,
          ),
        ]
      : []),
  ];
}

/** The check that an online change has come to its end, and was not taken back. */
export function checkPhase(state: OnlineState | undefined, names: { old: string; new: string }): Check {
  return checkThat(state?.phase === 'both', 'two_versions', {
    pass: `${names.old} and ${names.new} are both in use`,
    fail: `${names.new} is not made to its end`,
    action: 'Run again.',
  });
}

/** The check that no write is refused, as the last pass over both versions has found. */
export function checkRefused(state: OnlineState | undefined, names: { old: string; new: string }): Check {
  const refused = state?.refused;
  if (!refused || refused.count === 0) return pass('refused_writes', `no write to ${names.old} or ${names.new} is refused`);
  const examples = refused.examples
    .slice(0, 5)
    .map(
      ({ key, side, reason }) => `${keyList([key])} (${side === 'both' ? 'both versions' : `the ${side} version`}: ${reason})`,
    );
  return fail(
    'refused_writes',
    `${refused.count} writes fit only one of ${names.old} and ${names.new}: ${examples.join('; ')}`,
    'Correct these rows: a write that fits both versions is carried over, and the refusal is gone.',
    { count: refused.count },
  );
}

function judge<Raw>({ versions }: Sync<Raw>, found: Found<Raw>): 'equal' | 'waiting' | 'different' {
  const decision = decide(versions, found);
  if (decision.kind === 'refuse') return 'different';
  const { old, new: fresh } = found;
  if (decision.kind === 'write') {
    const agree = old && fresh && decision.writes.length === 0;
    return agree ? 'equal' : 'waiting';
  }
  if (!old || !fresh) return 'equal';
  const [forward, back] = [forwardOf(versions, old), backOf(versions, fresh, old)];
  if (forward instanceof Error) return 'different';
  // A value that does not come back is taken for what the old version holds, as when it was carried over.
  const pair = { old, new: fresh, forward: forward.digests, back: back instanceof Error ? old.digests : back.digests };
  return contradictions(versions.mapping, pair).length === 0 ? 'equal' : 'different';
}
