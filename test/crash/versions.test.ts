import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { seed } from '../../packages/testkit/src/conformance/places.ts';
import { type MatrixStore, matrixStores } from '../matrix/stores.ts';
import { crashVersions, type VersionsPlan } from './versions-run.ts';

/** What CI does. */
const short: VersionsPlan = { places: 3, random: 8, contracts: 2 };

/** The long run, `npx pnpm@10 crash`: every place. */
const long: VersionsPlan = { places: Number.POSITIVE_INFINITY, random: 80, contracts: Number.POSITIVE_INFINITY };

/** Stores of which CI does a few kills, one for each way in which two versions are kept equal; the kills at places of the others are part of their conformance. */
const inShort: readonly MatrixStore['server'][] = ['postgresql', 'mysql', 'mongodb'];

const isLong = process.env['CRASH_RUN'] === 'long';
const chosen = process.env['CRASH_STORES']?.split(',');
const stores = matrixStores.filter(
  ({ server, adapter }) =>
    adapter.capabilities.operations.online_change.supported && (chosen?.includes(server) ?? (isLong || inShort.includes(server))),
);

describe.concurrent(`kill -9 in every phase of an online change (PROPERTY_SEED=${seed})`, () => {
  it.for(stores)(
    '$server: it is finished or taken back, and no row is lost or doubled',
    { timeout: 7_200_000 },
    async (store) => {
      const figures = await crashVersions(store, isLong ? long : short);
      const folder = new URL('../../.cache/crash-versions/', import.meta.url);
      await mkdir(folder, { recursive: true });
      await writeFile(new URL(`${figures.server}.json`, folder), `${JSON.stringify(figures, undefined, 2)}\n`);
      expect(figures.losses).toBe(0);
      expect(figures.at_places).toBeGreaterThan(isLong ? 20 : 3);
      expect(figures.at_random).toBeGreaterThan(0);
    },
  );
});
