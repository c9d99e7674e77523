import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Adapter, StoreSession } from '@polyshift/core';
import { type FreshDatabase, freshDatabase, type TestServer } from '@polyshift/testkit';
import { type StoreState, storeState } from '@polyshift/testkit/conformance';
import type { CrashFigures } from './figures.ts';
import { type Kill, type Killed, runAndKill, runToEnd } from './kill.ts';
import { type CrashMigration, seedItems, writeProject } from './scenario.ts';

/** Exit codes after which the same command goes on: connection lost, locked by a run that died, stopped part-way. */
const resumableCodes: readonly (number | null)[] = [3, 4, 5];

/** Commands in a row that may stop part-way before that is taken for a fault: a server that was killed needs some. */
const patience = 6;

/** A database with the project that works on it. */
export class Site implements AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  private readonly adapter: Adapter;
  private readonly database: FreshDatabase;
  private readonly figures: CrashFigures;

  private constructor(parts: { adapter: Adapter; database: FreshDatabase; folder: string; figures: CrashFigures }) {
    this.adapter = parts.adapter;
    this.database = parts.database;
    this.url = parts.database.url;
    this.folder = parts.folder;
    this.figures = parts.figures;
  }

  /** A database of its own with the seeded rows, on which nothing has been run. */
  static async open(parts: {
    readonly adapter: Adapter;
    readonly server: TestServer;
    readonly sourceUrl: string;
    readonly migration: CrashMigration;
    readonly key: string;
    readonly figures: CrashFigures;
  }): Promise<Site> {
    const { adapter, server, sourceUrl, migration, key, figures } = parts;
    const database = await freshDatabase(server, 'crash');
    const folder = await mkdtemp(join(tmpdir(), 'polyshift-crash-'));
    await writeProject(folder, { type: adapter.store, url: database.url, sourceUrl, migration, key });
    const site = new Site({ adapter, database, folder, figures });
    await site.connected((session) => seedItems(session, key));
    return site;
  }

  /** Runs a command that nothing disturbs; the milliseconds of its work. Throws where it does not end well. */
  async undisturbed(parameters: readonly string[], placesFile?: string): Promise<number> {
    const { code, stdout, stderr, ms } = await runToEnd(this.folder, parameters, placesFile);
    if (code !== 0) throw new Error(`undisturbed, polyshift ${parameters.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
    return ms;
  }

  /** Runs a command and kills it, or its server. Throws where it ends otherwise than well or as one that goes on later. */
  async disturbed(parameters: readonly string[], kill: Kill): Promise<Killed> {
    const result = await runAndKill(this.folder, [...parameters, '--wait', '30'], kill);
    const { code, stderr } = result.ended;
    if (result.killed) {
      if (kill.server) this.figures.server_kills++;
      else if ('place' in kill.moment) this.figures.at_places++;
      else this.figures.at_random++;
    }
    if (code !== null && code !== 0 && !resumableCodes.includes(code) && !nothingToTakeBack(parameters, stderr)) {
      throw new Error(`polyshift ${parameters.join(' ')} ended with ${code} (killed: ${result.where}):\n${stderr}`);
    }
    return result;
  }

  /** Runs a command until it has ended well: once, or again where it stopped part-way. */
  async finish(parameters: readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { code, stdout, stderr } = await runToEnd(this.folder, [...parameters, '--wait', '30']);
      this.figures.resumed++;
      if (code === 0 || nothingToTakeBack(parameters, stderr)) return;
      if (!resumableCodes.includes(code) || attempt === patience) {
        throw new Error(`to finish, polyshift ${parameters.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
      }
    }
  }

  /** Schema and rows of every collection. */
  async state(): Promise<StoreState> {
    return await this.connected(storeState);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async connected<Result>(work: (session: StoreSession) => Promise<Result>): Promise<Result> {
    await using session = await this.adapter.connect(this.url);
    return await work(session);
  }
}

/** Whether a rollback found no load: one that was killed before it had begun has left nothing, nor has a rollback that was killed behind its end. */
function nothingToTakeBack(parameters: readonly string[], stderr: string): boolean {
  return parameters[1] === 'rollback' && stderr.includes('no_run');
}
