import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { seed } from '../../packages/testkit/src/conformance/places.ts';
import type { MatrixStore } from '../matrix/stores.ts';
import { Application } from './application.ts';
import { type CrashFigures, tellProgress } from './figures.ts';
import { atPlace, chosenPlaces, Journeys, linesOf } from './journeys.ts';
import { twoVersions } from './scenario.ts';
import { onOwnServer } from './store-run.ts';

/** How much is done to a store while two versions of a collection are in use. */
export interface VersionsPlan {
  /** Places of expand, backfill, proof and the way back, at which the command is killed. */
  readonly places: number;
  /** Kills at random moments of them, under writes of the application. */
  readonly random: number;
  /** Places of `finalize`, each on a collection of its own: there is no way back from it. */
  readonly contracts: number;
}

const up = ['up', '--yes'];
const down = ['down', '--yes'];
const finalize = ['finalize', '1', '--old-version-ended', '--yes'];

/** Kills in every phase of an online change on one store, on a server of its own. Throws at the first loss. */
export function crashVersions(store: MatrixStore, plan: VersionsPlan): Promise<CrashFigures> {
  return onOwnServer(store, async (parts) => {
    const run = new VersionsRun(parts);
    await run.expandAndBackfill(plan);
    await run.contracts(plan.contracts);
  });
}

class VersionsRun extends Journeys {
  /** Kills of `up` and `down`: at places, and at random moments while the application writes the old version. */
  async expandAndBackfill(plan: VersionsPlan): Promise<void> {
    await using site = await this.site(twoVersions(this.store.adapter));
    const journey = await this.measured(site, up, down);
    await this.atPlaces('versions', [site], journey, plan.places);
    await using application = await Application.open(this.store, site.url, this.figures);
    const catchUp = () => site.finish(['follow', '--once']);
    const context = { site, journey, figures: this.figures, application, catchUp };
    await this.atRandom('versions random', [context], journey, plan.random);
  }

  /** Kills of `finalize`: it is finished by the same command, and ends as an undisturbed one. */
  async contracts(most: number): Promise<void> {
    const expected = await this.finalized(undefined);
    this.figures.places += expected.places;
    for (const place of chosenPlaces(expected.places, most, `${this.store.server} contracts`)) {
      const name = `${this.store.server}/contracts/${place}`;
      if (this.skips(name)) continue;
      const found = await this.finalized(place);
      this.figures.compared++;
      tellProgress(this.figures);
      if (isDeepStrictEqual(found.state, expected.state)) continue;
      this.figures.losses++;
      const states = `${JSON.stringify(found.state)}\ninstead of\n${JSON.stringify(expected.state)}`;
      throw new Error(
        `${name}: finalize was killed at ${found.where}, and has left\n${states}\nreplay: PROPERTY_SEED=${seed} CRASH_ONLY=${JSON.stringify(name)}`,
      );
    }
  }

  /** The state behind `up` and a `finalize` that was killed at a place and run again. */
  private async finalized(place: number | undefined) {
    await using site = await this.site(twoVersions(this.store.adapter));
    await site.undisturbed(up);
    let where = 'no place';
    let places = 0;
    if (place === undefined) {
      const file = join(site.folder, 'places-finalize');
      await site.undisturbed(finalize, file);
      places = await linesOf(file);
    } else {
      where = (await site.disturbed(finalize, atPlace(place))).where;
      await site.finish(finalize);
    }
    const state = await site.state();
    this.figures.rows += Object.values(state).reduce((sum, each) => sum + (Number(each['count' as never]) || 0), 0);
    return { state, where, places };
  }
}
