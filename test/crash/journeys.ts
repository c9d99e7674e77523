import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from '@polyshift/testkit';
import { chance, scattered } from '../../packages/testkit/src/conformance/places.ts';
import { keyOf, type MatrixStore } from '../matrix/stores.ts';
import { type CycleContext, type CycleKills, drawTurn, type Journey, runCycle } from './cycle.ts';
import type { CrashFigures } from './figures.ts';
import type { Kill } from './kill.ts';
import type { CrashMigration } from './scenario.ts';
import { Site } from './site.ts';

/** A journey, with what kills are spread over. */
export interface Measured extends Journey {
  readonly thereMs: number;
  readonly backMs: number;
  readonly therePlaces: number;
  readonly backPlaces: number;
}

/** Databases of one store on which cycles are run at the same time. */
const sitesAtOnce = Number(process.env['CRASH_SITES'] ?? 1);

/** The journeys over the sites of one store, and their kills. */
export class Journeys {
  readonly store: MatrixStore;
  readonly server: TestServer;
  readonly key: string;
  readonly figures: CrashFigures;
  private readonly sourceUrl: string;
  private readonly only = process.env['CRASH_ONLY'];

  constructor(parts: { store: MatrixStore; server: TestServer; sourceUrl: string; figures: CrashFigures }) {
    this.store = parts.store;
    this.server = parts.server;
    this.sourceUrl = parts.sourceUrl;
    this.figures = parts.figures;
    this.key = keyOf(parts.store.adapter);
  }

  /** A database of its own for a migration. */
  site(migration: CrashMigration): Promise<Site> {
    const { store, server, sourceUrl, key, figures } = this;
    return Site.open({ adapter: store.adapter, server, sourceUrl, migration, key, figures });
  }

  /** Works on several databases of their own at once: most of the time of a slow server is waiting. */
  async onSites<Result>(migration: CrashMigration, work: (sites: readonly Site[]) => Promise<Result>): Promise<Result> {
    const sites: Site[] = [];
    try {
      for (let each = 0; each < sitesAtOnce; each++) sites.push(await this.site(migration));
      return await work(sites);
    } finally {
      for (const site of sites) await site[Symbol.asyncDispose]();
    }
  }

  /** Goes there and back undisturbed: the states at both ends, the places on the way, and how long it takes. */
  async measured(site: Site, there: readonly string[], back: readonly string[]): Promise<Measured> {
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

  /** One kill a way, until every chosen place has had its own; the cycles are shared out among the sites, on which the same was done. */
  async atPlaces(phase: string, sites: readonly Site[], journey: Measured, most: number): Promise<void> {
    this.figures.places += journey.therePlaces + journey.backPlaces;
    const there = chosenPlaces(journey.therePlaces, most, `${this.store.server} ${phase} there`).map(atPlace);
    const back = chosenPlaces(journey.backPlaces, most, `${this.store.server} ${phase} back`).map(atPlace);
    const cycles: { readonly name: string; readonly kills: CycleKills }[] = [];
    for (let cycle = 1; there.length + back.length > 0; cycle++) {
      const name = `${this.store.server}/${phase}/${cycle}`;
      const turn = there.length > 0 ? drawTurn(name) : 'arrive';
      cycles.push({ name, kills: { there: there.splice(0, 1), back: turn === 'back_at_once' ? [] : back.splice(0, 1), turn } });
    }
    const left = cycles.filter(({ name }) => !this.skips(name));
    await Promise.all(
      sites.map(async (site) => {
        for (let next = left.shift(); next; next = left.shift())
          await runCycle({ site, journey, figures: this.figures }, next.name, next.kills);
      }),
    );
  }

  /** Eight kills in a row each way, at random moments of what is left to do, until there were as many as are wanted; the cycles are shared out among the contexts. */
  async atRandom(phase: string, contexts: readonly CycleContext[], journey: Measured, kills: number): Promise<void> {
    const wanted = this.figures.at_random + kills;
    let cycle = 0;
    const workOff = async (context: CycleContext): Promise<void> => {
      while (this.figures.at_random < wanted && cycle < kills) {
        const name = `${this.store.server}/${phase}/${++cycle}`;
        if (this.skips(name)) continue;
        const chain = (way: string, ms: number): Kill[] =>
          Array.from({ length: 8 }, (_, link) => ({ moment: { after_ms: (chance(`${name} ${way} ${link}`) * ms) / 4 } }));
        await runCycle(context, name, {
          there: chain('there', journey.thereMs),
          back: chain('back', journey.backMs),
          turn: drawTurn(name),
        });
      }
    };
    await Promise.all(contexts.map(workOff));
  }

  /** Whether another cycle alone is replayed. */
  skips(name: string): boolean {
    return this.only !== undefined && this.only !== name;
  }
}

/** All places from 1 to `count`, or as many as are wanted, by chance from equal parts. */
export function chosenPlaces(count: number, most: number, name: string): number[] {
  return count <= most ? Array.from({ length: count }, (_, index) => index + 1) : scattered(count, most, name);
}

/** A kill of the command at a place. */
export function atPlace(place: number): Kill {
  return { moment: { place } };
}

/** How many places a run has passed. */
export async function linesOf(file: string): Promise<number> {
  return (await readFile(file, 'utf8')).split('\n').length - 1;
}
