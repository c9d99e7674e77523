import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Redpanda Connect, where it is installed: its licence is no open one, so that it is not installed for the benchmark. */
export async function redpandaConnect(bench) {
  if (spawnSync('redpanda-connect', ['--version']).error) {
    throw new Error(
      'no program redpanda-connect on the PATH, and its licence is no open one, so that it is not installed for the benchmark',
    );
  }
  return {
    async command(source, table, target, database) {
      const config = join(await bench.folder('redpanda-connect'), 'move.yaml');
      await writeFile(config, configuration(source, table, target, database));
      return { file: 'redpanda-connect', args: ['run', config] };
    },
  };
}

function configuration(source, table, target, database) {
  return JSON.stringify({
    input: { sql_select: { driver: 'postgres', dsn: `${source}?sslmode=disable`, table, columns: ['*'] } },
    output: {
      mongodb: {
        url: target,
        database,
        collection: table,
        operation: 'insert-one',
        document_map: 'root = this',
        write_concern: { w: 'majority', j: true },
        max_in_flight: 4,
        batching: { count: 1000, period: '1s' },
      },
    },
  });
}
