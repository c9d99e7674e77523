import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase } from '@polyshift/testkit';
import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { startCommand } from '../command/command.ts';

const rows = 2_000_000;
const limitMb = 400;

const spec = `
name: readings
source: { type: postgresql, url: "\${SOURCE_URL}" }
target: { type: postgresql, url: "\${TARGET_URL}" }
steps:
  - { type: extract, source_table: readings, batch_size: 5000 }
  - type: transform
    transformation_rules: { id: id, sensor: { type: function, function: upper, args: [sensor] }, value: value, taken_at: taken_at }
  - { type: load, target_table: readings, batch_size: 1000 }
`;

/** The resident memory of a process in MB, as Linux accounts it; undefined elsewhere or when it has ended. */
async function residentMb(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const match = /VmHWM:\s+(\d+) kB/.exec(text);
  return match ? Number(match[1]) / 1024 : undefined;
}

it.runIf(process.platform === 'linux')(
  `moves ${rows.toLocaleString('en')} rows in under ${limitMb} MB of resident memory`,
  { timeout: 600_000 },
  async () => {
    await using source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
    await using target = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
    const folder = await mkdtemp(join(tmpdir(), 'polyshift-memory-'));
    const client = new pg.Client({ connectionString: source.url });
    const check = new pg.Client({ connectionString: target.url });
    await client.connect();
    await check.connect();
    try {
      await client.query(`
      CREATE TABLE readings (id bigint PRIMARY KEY, sensor text NOT NULL, value numeric(12,4), taken_at timestamptz);
      INSERT INTO readings SELECT n, 'sensor-' || n % 1000, n / 7.0, timestamptz '2024-01-01 00:00:00.123456Z' + n * interval '1 second' FROM generate_series(1, ${rows}) n;
      ANALYZE readings`);
      await writeFile(join(folder, 'readings.yaml'), spec);
      const { child, ended } = startCommand(
        folder,
        { SOURCE_URL: source.url, TARGET_URL: target.url },
        'etl',
        'run',
        'readings.yaml',
        '--json',
      );
      let peak = 0;
      const timer = setInterval(() => void residentMb(child.pid!).then((mb) => (peak = Math.max(peak, mb ?? 0))), 100);
      const { code, stderr } = await ended;
      clearInterval(timer);
      expect(code, stderr).toBe(0);
      expect(peak).toBeGreaterThan(30);
      expect(peak).toBeLessThan(limitMb);
      const sums =
        'SELECT count(*)::text AS count, sum(id)::text AS ids, sum(value)::text AS values, max(taken_at)::text AS last FROM readings';
      const [there, here] = [await client.query(sums), await check.query(sums)];
      expect(here.rows).toEqual(there.rows);
      expect((await check.query(`SELECT sensor FROM readings WHERE id = 1`)).rows).toEqual([{ sensor: 'SENSOR-1' }]);
    } finally {
      await client.end();
      await check.end();
      await rm(folder, { recursive: true });
    }
  },
);
