import { join } from 'node:path';
import { pythonPeer } from './python-peer.mjs';

/** ingestr, the last version whose mover is written in Go. */
export async function ingestr(bench) {
  const programs = await pythonPeer(bench, 'ingestr', ['ingestr==0.15.9']);
  return {
    command: (source, table, target, database) => ({
      file: join(programs, 'ingestr'),
      args: [
        ...['ingest', '--yes', '--progress', 'log'],
        ...['--source-uri', `${source}?sslmode=disable`, '--source-table', `public.${table}`],
        ...['--dest-uri', `mongodb://${new URL(target).host}/?directConnection=true`, '--dest-table', `${database}.${table}`],
      ],
    }),
  };
}
