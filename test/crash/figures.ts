import { seed } from '../../packages/testkit/src/conformance/places.ts';
import type { MatrixStore } from '../matrix/stores.ts';

/** What the harness did to one store, and found. */
export interface CrashFigures {
  readonly server: MatrixStore['server'];
  /** The server, for people; says where it stands in for another. */
  readonly description: string;
  /** The day of the run, UTC. */
  readonly day: string;
  /** Where chance started from: PROPERTY_SEED replays it. */
  readonly seed: number;
  /** SIGKILL of the command at a named place between two writes of journal or store. */
  at_places: number;
  /** The places that there are, over migration and load, both ways. */
  places: number;
  /** SIGKILL of the command at a random moment of its work. */
  at_random: number;
  /** SIGKILL of the server while the command works. */
  server_kills: number;
  /** Why there were no kills of the server, where there were none. */
  server_note: string | null;
  /** Commands that were started again to finish or to take back. */
  resumed: number;
  /** Comparisons with the state of the undisturbed run, or with the state before. */
  compared: number;
  /** Rows in the collections compared, over all comparisons. */
  rows: number;
  /** Writes of the application that were acknowledged meanwhile. */
  writes: number;
  /** Comparisons that failed, and acknowledged writes that were lost or doubled. */
  losses: number;
}

/** Figures of a store before anything was done. */
export function noFigures(server: MatrixStore['server'], description: string): CrashFigures {
  return {
    server,
    description,
    day: new Date().toISOString().slice(0, 10),
    seed,
    at_places: 0,
    places: 0,
    at_random: 0,
    server_kills: 0,
    server_note: null,
    resumed: 0,
    compared: 0,
    rows: 0,
    writes: 0,
    losses: 0,
  };
}

/** Tells now and then how far the long run is: it takes most of an hour. */
export function tellProgress({ server, compared, at_places, at_random, server_kills, losses }: CrashFigures): void {
  if (process.env['CRASH_RUN'] !== 'long' || compared % 20 !== 0) return;
  const kills = `${at_places} kills at places, ${at_random} at random, ${server_kills} of the server`;
  process.stderr.write(
    `${new Date().toISOString().slice(11, 19)} ${server}: ${kills}, ${compared} comparisons, ${losses} losses\n`,
  );
}
