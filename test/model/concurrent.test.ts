import type { HistoryRecord } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { storeState } from '../../packages/testkit/src/conformance/store-state.ts';
import { matrixStores } from '../matrix/stores.ts';
import { loadedRows, openProcessStage, type ProcessStage } from './process-stage.ts';

const timeout = 600_000;

/** What a second process finds that waits: the first has done everything. */
interface Report {
  readonly migrations?: readonly object[];
  readonly rows_inserted?: number;
}

const commands = [
  { what: 'up', run: ['up', '--yes', '--json'], back: ['down', '--to', '0', '--yes'] },
  { what: 'etl run', run: ['etl', 'run', 'letters.yaml', '--json'], back: ['etl', 'rollback', 'letters.yaml', '--yes'] },
] as const;

/** A command to its end; throws where it fails. */
async function done(stage: ProcessStage, parameters: readonly string[]): Promise<Report | undefined> {
  const { code, stdout, stderr } = await stage.start([...parameters, '--wait', '120']).ended;
  expect(code, `${parameters.join(' ')}: ${stderr}`).toBe(0);
  return parameters.includes('--json') ? (JSON.parse(stdout) as Report) : undefined;
}

async function history(stage: ProcessStage): Promise<HistoryRecord[]> {
  return stage.session.journal.list('history');
}

describe.each(matrixStores)('two processes on $server', (store) => {
  it.each(commands)(
    '$what: one works, the other is refused with exit code 4, or waits and finds nothing to do',
    { timeout },
    async (command) => {
      await using stage = await openProcessStage(store);
      const first = stage.start(command.run, 3);
      expect(await first.stopped).toBeDefined();
      const refused = await stage.start(command.run).ended;
      expect(refused.code, refused.stderr).toBe(4);
      const waiting = stage.start([...command.run, '--wait', '120']);
      first.goOn();
      const [one, two] = await Promise.all([first.ended, waiting.ended]);
      expect([one.code, two.code], `${one.stderr}${two.stderr}`).toEqual([0, 0]);
      const state = await storeState(stage.session);
      const before = await history(stage);
      if (command.what === 'up') {
        expect((JSON.parse(one.stdout) as Report).migrations).toHaveLength(4);
        expect((JSON.parse(two.stdout) as Report).migrations).toEqual([]);
        expect(await stage.session.count('people', { name: { like: '%+1-2' } })).toBe(10);
      } else expect(await stage.session.count('letters')).toBe(loadedRows);
      await done(stage, command.run);
      expect(await storeState(stage.session)).toEqual(state);
      expect(await history(stage)).toEqual(before);
    },
  );

  it.each(commands)(
    '$what: one that the system stops for longer than its lease writes nothing when it goes on',
    { timeout },
    async (command) => {
      await using stage = await openProcessStage(store);
      // Of a load before its partitions work beside each other: what one of them has begun to write when all stand still may arrive.
      const slept = stage.start(command.run, command.run[0] === 'etl' ? 3 : 12);
      expect(await slept.stopped).toBeDefined();
      slept.child.kill('SIGSTOP');
      slept.goOn();
      // The other one takes its lock over, and everything back: each write of the first would find its place free.
      await done(stage, command.back);
      const state = await storeState(stage.session);
      const before = await history(stage);
      slept.child.kill('SIGCONT');
      const { code, stderr } = await slept.ended;
      expect(code, stderr).toBe(4);
      expect(stderr).toContain('lease_lost');
      expect(await storeState(stage.session)).toEqual(state);
      expect(await history(stage)).toEqual(before);
    },
  );
});
