import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, startServer, type TestServer } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { chance, scattered } from '../../packages/testkit/src/conformance/places.ts';
import { keyOf, type MatrixStore } from '../matrix/stores.ts';
import { Application } from './application.ts';
import { type CycleContext, type CycleKills, drawTurn, type Journey, runCycle } from './cycle.ts';
import { type CrashFigures, noFigures } from './figures.ts';
import type { Kill } from './kill.ts';
import { allOperations, type CrashMigration, onlineOperations, seedSource } from './scenario.ts';
import { Site } from './site.ts';

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
export async function crashStore(store: MatrixStore, plan: CrashPlan): Promise<CrashFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'polyshift-crash-data-'));
  await using source = await freshDatabase(await sharedServer('postgresql'), 'crash_source');
  await seedSource(source.url);
  await using server = await ownServer(store, dataDir);
  const figures = noFigures(store.server, server.description);
  const run = new StoreRun({ store, plan, server, sourceUrl: source.url, figures });
  await run.placesOfMigration();
  await run.randomMoments();
  await run.loads();
  await run.serverKills();
  await rm(dataDir, { recursive: true, force: true });
  return figures;
}

function ownServer(store: MatrixStore, dataDir: string): Promise<TestServer> {
  // DynamoDB Local keeps its data on disk only in a folder that it is given; the others do in any case.
  return startServer(store.server, { kinds: ['native', 'stand_in'], ...(store.server === 'dynamodb' ? { dataDir } : {}) });
}

class StoreRun {
  private readonly store: MatrixStore;
  private readonly plan: CrashPlan;
  private readonly server: TestServer;
  private readonly sourceUrl: string;
  private readonly figures: CrashFigures;
  private readonly key: string;
  private readonly only = process.env['CRASH_ONLY'];

  constructor(parts: { store: MatrixStore; plan: CrashPlan; server: TestServer; sourceUrl: string; figures: CrashFigures }) {
    this.store = parts.store;
    this.plan = parts.plan;
    this.server = parts.server;
    this.sourceUrl = parts.sourceUrl;
    this.figures = parts.figures;
    this.key = keyOf(parts.store.adapter);
  }

  /** Kills at the places of `up` and `down`. */
  async placesOfMigration(): Promise<void> {
    await using site = await this.site(allOperations(this.store.adapter, this.key));
    const journey = await this.measured(site, up, down);
    await this.atPlaces('places', site, journey, this.plan.places);
  }

  /** Kills at random moments, while the application writes. */
  async randomMoments(): Promise<void> {
    await using site = await this.site(onlineOperations(this.store.adapter, this.key));
    const journey = await this.measured(site, up, down);
    await using application = await Application.open(this.store, site.url, this.figures);
    await this.atRandom('random', { site, journey, figures: this.figures, application }, journey, this.plan.random);
  }

  /** Kills of the load, at its places and at random moments. */
  async loads(): Promise<void> {
    await using site = await this.site(onlineOperations(this.store.adapter, this.key));
    const journey = await this.measured(site, load, unload);
    await this.atPlaces('load', site, journey, this.plan.load_places);
    await this.atRandom('load random', { site, journey, figures: this.figures }, journey, this.plan.load_random);
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

  /** One kill a way, until every chosen place has had its own. */
  private async atPlaces(phase: string, site: Site, journey: Measured, most: number): Promise<void> {
    this.figures.places += journey.therePlaces + journey.backPlaces;
    const there = chosen(journey.therePlaces, most, `${this.store.server} ${phase} there`).map(atPlace);
    const back = chosen(journey.backPlaces, most, `${this.store.server} ${phase} back`).map(atPlace);
    for (let cycle = 1; there.length + back.length > 0; cycle++) {
      const name = `${this.store.server}/${phase}/${cycle}`;
      const turn = there.length > 0 ? drawTurn(name) : 'arrive';
      const kills = { there: there.splice(0, 1), back: turn === 'back_at_once' ? [] : back.splice(0, 1), turn };
      if (!this.skips(name)) await runCycle({ site, journey, figures: this.figures }, name, kills);
    }
  }

  /** Eight kills in a row each way, at random moments of what is left to do, until there were as many as are wanted. */
  private async atRandom(phase: string, context: CycleContext, journey: Measured, kills: number): Promise<void> {
    const wanted = this.figures.at_random + kills;
    for (let cycle = 1; this.figures.at_random < wanted && cycle <= kills; cycle++) {
      const name = `${this.store.server}/${phase}/${cycle}`;
      if (this.skips(name)) continue;
      const chain = (way: string, ms: number): Kill[] =>
        Array.from({ length: 8 }, (_, link) => ({ moment: { after_ms: (chance(`${name} ${way} ${link}`) * ms) / 4 } }));
      await runCycle(context, name, {
        there: chain('there', journey.thereMs),
        back: chain('back', journey.backMs),
        turn: drawTurn(name),
      });
    }
  }

  /** Goes there and back undisturbed: the states at both ends, the places on the way, and how long it takes. */
  private async measured(site: Site, there: readonly string[], back: readonly string[]): Promise<Measured> {
    const before = await site.state();
    const [thereFile, backFile] = [join(site.folder, 'places-there'), join(site.folder, 'places-back')];
    const thereMs = await site.undisturbed(there, thereFile);
    const after = await site.state();
    const backMs = await site.undisturbed(back, backFile);
    const again = JSON.stringify(await site.state());
    if (again !== JSON.stringify(before)) throw new Error(`undisturbed, ${back.join(' ')} does not lead to the state before`);
    if (JSON.stringify(after) === JSON.stringify(before)) throw new Error(`${there.join(' ')} changes nothing`);
    const [therePlaces, backPlaces] = [await linesOf(thereFile), await linesOf(backFile)];
    await Promise.all([thereFile, backFile].map((file) => rm(file)));
    return { there, back, before, after, thereMs, backMs, therePlaces, backPlaces };
  }

  private site(migration: CrashMigration): Promise<Site> {
    const { store, server, sourceUrl, key, figures } = this;
    return Site.open({ adapter: store.adapter, server, sourceUrl, migration, key, figures });
  }

  private skips(name: string): boolean {
    return this.only !== undefined && this.only !== name;
  }
}

/** A journey, with what kills are spread over. */
interface Measured extends Journey {
  readonly thereMs: number;
  readonly backMs: number;
  readonly therePlaces: number;
  readonly backPlaces: number;
}

/** All places from 1 to `count`, or as many as are wanted, by chance from equal parts. */
function chosen(count: number, most: number, name: string): number[] {
  return count <= most ? Array.from({ length: count }, (_, index) => index + 1) : scattered(count, most, name);
}

function atPlace(place: number): Kill {
  return { moment: { place } };
}

async function linesOf(file: string): Promise<number> {
  return (await readFile(file, 'utf8')).split('\n').length - 1;
}
