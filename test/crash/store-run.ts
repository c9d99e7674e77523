import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, startServer, type TestServer } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { chance } from '../../packages/testkit/src/conformance/places.ts';
import type { MatrixStore } from '../matrix/stores.ts';
import { Application } from './application.ts';
import { type CycleKills, drawTurn, runCycle } from './cycle.ts';
import { type CrashFigures, noFigures } from './figures.ts';
import { Journeys } from './journeys.ts';
import type { Kill } from './kill.ts';
import { allOperations, onlineOperations, seedSource } from './scenario.ts';

/** How much is done to a store. */
export interface CrashPlan {
  /** Places of the migration, each way, at which the command is killed: all of them, or as many spread over them. */
  readonly places: number;
  /** Kills at random moments of the migration, under writes of the application. */
  readonly random: number;
  /** Places of the load, each way. */
  readonly load_places: number;
  /** Kills at random moments of the load. */
  readonly load_random: number;
  /** Cycles in which the server is killed. */
  readonly server: number;
}

const up = ['up', '--yes'];
const down = ['down', '--yes'];
const load = ['etl', 'run', 'people.json'];
const unload = ['etl', 'rollback', 'people.json', '--yes'];

/** Runs all cycles of one store on a server of its own, and gives the figures. Throws at the first loss. */
export function crashStore(store: MatrixStore, plan: CrashPlan): Promise<CrashFigures> {
  return onOwnServer(store, async (parts) => {
    const run = new StoreRun({ ...parts, plan });
    await run.placesOfMigration();
    await run.randomMoments();
    await run.loads();
    await run.serverKills();
  });
}

/** Works on a server of its own, whose end disturbs nobody else, with the source of the loads filled; gives the figures of the work. */
export async function onOwnServer(
  store: MatrixStore,
  work: (parts: ConstructorParameters<typeof Journeys>[0]) => Promise<void>,
): Promise<CrashFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'polyshift-crash-data-'));
  await using source = await freshDatabase(await sharedServer('postgresql'), 'crash_source');
  await seedSource(source.url);
  await using server = await ownServer(store, dataDir);
  const figures = noFigures(store.server, server.description);
  await work({ store, server, sourceUrl: source.url, figures });
  await rm(dataDir, { recursive: true, force: true });
  return figures;
}

function ownServer(store: MatrixStore, dataDir: string): Promise<TestServer> {
  // DynamoDB Local keeps its data on disk only in a folder that it is given; the others do in any case.
  return startServer(store.server, { kinds: ['native', 'stand_in'], ...(store.server === 'dynamodb' ? { dataDir } : {}) });
}

class StoreRun extends Journeys {
  private readonly plan: CrashPlan;

  constructor(parts: { store: MatrixStore; plan: CrashPlan; server: TestServer; sourceUrl: string; figures: CrashFigures }) {
    super(parts);
    this.plan = parts.plan;
  }

  /** Kills at the places of `up` and `down`. */
  async placesOfMigration(): Promise<void> {
    await this.onSites(allOperations(this.store.adapter, this.key), async (sites) => {
      const journey = await this.measured(sites[0]!, up, down);
      await this.atPlaces('places', sites, journey, this.plan.places);
    });
  }

  /** Kills at random moments, while the application writes. */
  async randomMoments(): Promise<void> {
    await this.onSites(onlineOperations(this.store.adapter, this.key), async (sites) => {
      const journey = await this.measured(sites[0]!, up, down);
      const applications: Application[] = [];
      try {
        for (const site of sites) applications.push(await Application.open(this.store, site.url, this.figures));
        const contexts = sites.map((site, at) => ({ site, journey, figures: this.figures, application: applications[at] }));
        await this.atRandom('random', contexts, journey, this.plan.random);
      } finally {
        for (const application of applications) await application[Symbol.asyncDispose]();
      }
    });
  }

  /** Kills of the load, at its places and at random moments. */
  async loads(): Promise<void> {
    await this.onSites(onlineOperations(this.store.adapter, this.key), async (sites) => {
      const journey = await this.measured(sites[0]!, load, unload);
      await this.atPlaces('load', sites, journey, this.plan.load_places);
      const contexts = sites.map((site) => ({ site, journey, figures: this.figures }));
      await this.atRandom('load random', contexts, journey, this.plan.load_random);
    });
  }

  /** Kills of the server, under migrations and loads by turns. */
  async serverKills(): Promise<void> {
    const { process } = this.server;
    if (!process?.keepsData) {
      this.figures.server_note = 'it stands in and keeps nothing over its end';
      return;
    }
    await using site = await this.site(allOperations(this.store.adapter, this.key));
    const journeys = [await this.measured(site, up, down), await this.measured(site, load, unload)];
    for (let cycle = 1; cycle <= this.plan.server; cycle++) {
      const name = `${this.store.server}/server/${cycle}`;
      if (this.skips(name)) continue;
      const journey = journeys[cycle % 2]!;
      const kill = (way: string, places: number): Kill => ({
        moment: { place: 1 + Math.floor(chance(`${name} ${way}`) * places) },
        server: process,
      });
      const kills: CycleKills = {
        there: [kill('there', journey.therePlaces)],
        back: [kill('back', journey.backPlaces)],
        turn: drawTurn(name),
      };
      await runCycle({ site, journey, figures: this.figures }, name, kills);
    }
  }
}
