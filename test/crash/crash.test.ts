import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { seed } from '../../packages/testkit/src/conformance/places.ts';
import { matrixStores } from '../matrix/stores.ts';
import type { CrashFigures } from './figures.ts';
import { type CrashPlan, crashStore } from './store-run.ts';

/** What CI does: a few of everything, on every store. */
const short: CrashPlan = { places: 4, random: 8, load_places: 2, load_random: 4, server: 1 };

/** The long run, `npx pnpm@10 crash`: every place, and at least 200 kills at random moments a store. */
const long: CrashPlan = {
  places: Number.POSITIVE_INFINITY,
  random: 170,
  load_places: Number.POSITIVE_INFINITY,
  load_random: 40,
  server: 6,
};

const isLong = process.env['CRASH_RUN'] === 'long';
const chosen = process.env['CRASH_STORES']?.split(',');
const stores = matrixStores.filter(({ server }) => chosen === undefined || chosen.includes(server));

describe.concurrent(`kill -9 at any moment (PROPERTY_SEED=${seed})`, () => {
  it.for(stores)(
    '$server: every run is finished or taken back, and no row is lost or doubled',
    { timeout: 7_200_000 },
    async (store) => {
      const figures = await crashStore(store, isLong ? long : short);
      await keep(figures);
      expect(figures.losses).toBe(0);
      expect(figures.at_places).toBeGreaterThan(0);
      expect(figures.at_random).toBeGreaterThanOrEqual(isLong ? 200 : 8);
    },
  );
});

/** For the page of figures: `scripts/crash.mjs` reads it. */
async function keep(figures: CrashFigures): Promise<void> {
  const folder = new URL('../../.cache/crash/', import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${figures.server}.json`, folder), `${JSON.stringify(figures, undefined, 2)}\n`);
}
