import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { conformance } from '@polyshift/testkit/conformance';
import { afterAll } from 'vitest';
import sqlite, { connect } from '../src/index.ts';
import { StatementCutter } from './statement-cutter.ts';

const folder = await mkdtemp(join(tmpdir(), 'polyshift-sqlite-'));
afterAll(() => rm(folder, { recursive: true }));

conformance(
  { ...sqlite, connect: (url) => connect(url, StatementCutter.tapOf(url)) },
  {
    async fresh() {
      const file = join(folder, `${randomUUID()}.db`);
      const url = `${pathToFileURL(file).href.replace('file:', 'sqlite:')}?synchronous=off`;
      return { url, drop: () => rm(file) };
    },
  },
  { unreachable_url: 'sqlite:///nowhere/none.db', cutter: async (url) => new StatementCutter(url), kill_points: 4, sequences: 5 },
);
