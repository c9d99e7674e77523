import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '@polyshift/testkit';
import { type Ended, watchCommand } from '@polyshift/testkit/faults';
import { commandFile } from '../command/command.ts';

/** When a kill comes: at a place, from 1; or so many milliseconds after the first place. */
export type Moment = { readonly place: number } | { readonly after_ms: number };

/** What is killed and when. */
export interface Kill {
  readonly moment: Moment;
  /** The server, while the command works on; without it the command itself. */
  readonly server?: ServerProcess | undefined;
}

/** What a kill came to. */
export interface Killed {
  /** False where the command had ended before the moment. */
  readonly killed: boolean;
  /** Where it was killed, for people. */
  readonly where: string;
  readonly ended: Ended;
}

/** Runs the command to its end, whatever that is. */
export async function runToEnd(
  cwd: string,
  parameters: readonly string[],
  placesFile?: string,
): Promise<Ended & { readonly ms: number }> {
  const command = watchCommand(
    { cwd, env: {}, script: commandFile, parameters },
    placesFile === undefined ? {} : { places_file: placesFile },
  );
  await command.begun;
  const startedAt = performance.now();
  const ended = await command.ended;
  return { ...ended, ms: performance.now() - startedAt };
}

/** Runs the command, and kills it or its server at a moment. After the server it is waited for the command to end, with the server back. */
export async function runAndKill(cwd: string, parameters: readonly string[], { moment, server }: Kill): Promise<Killed> {
  const stopAt = 'place' in moment ? moment.place : undefined;
  const command = watchCommand(
    { cwd, env: {}, script: commandFile, parameters },
    stopAt === undefined ? {} : { stop_at: stopAt },
  );
  let where: string;
  if ('place' in moment) {
    const reached = await command.stopped;
    where = reached ? `place ${reached.passed} (${reached.place})` : `place ${moment.place} (not reached)`;
    if (!reached) return { killed: false, where, ended: await command.ended };
  } else {
    where = `${moment.after_ms.toFixed(0)} ms after its first place`;
    if (!(await command.begun)) return { killed: false, where, ended: await command.ended };
    if (await Promise.race([command.ended.then(() => true), sleep(moment.after_ms, false)])) {
      return { killed: false, where, ended: await command.ended };
    }
  }
  if (server === undefined) {
    await command.kill();
    const ended = await command.ended;
    return { killed: ended.code === null, where, ended };
  }
  await server.kill();
  command.goOn();
  await server.restart();
  return { killed: true, where: `the server at ${where}`, ended: await command.ended };
}
