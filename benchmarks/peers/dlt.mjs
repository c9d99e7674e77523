import { join } from 'node:path';
import { program } from '../lib/program.mjs';
import { pythonPeer } from './python-peer.mjs';

/** dlt with a destination written by hand, as its users have to. */
export async function dlt(bench) {
  const programs = await pythonPeer(bench, 'dlt', [
    'dlt==1.31.0',
    'sqlalchemy==2.0.45',
    'psycopg2-binary==2.9.11',
    'pymongo==4.16.0',
  ]);
  return {
    command: async (source, table, target, database) => ({
      file: join(programs, 'python'),
      args: [program('dlt-move.py').args[0], source, table, target, database],
      cwd: await bench.folder('dlt'),
    }),
  };
}
