import type { ServerInfo } from '@polyshift/core';
import type { Colours } from './output.ts';

/** The store and its version, in one line. */
export function renderServer(server: ServerInfo, currentVersion: string | null, colours: Colours): string {
  const standIn = server.stand_in ? colours.yellow(' (a stand-in)') : '';
  return `${server.product} ${server.version}${standIn}, ${currentVersion === null ? 'no migration applied yet' : `current version ${currentVersion}`}`;
}
