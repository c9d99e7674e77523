import { database } from './discarding.mjs';
import { moveCommand } from './spec.mjs';
import { table } from './table.mjs';

/** polyshift as a contender that moves the table of a source to the `url` of its state. */
export function polyshiftMover(bench, source, name, rules, flags = []) {
  return { name, kind: 'polyshift', command: ({ url }) => moveCommand(bench, source.url, url, rules, flags) };
}

/** Another tool that does the same; `install` gives its command. */
export function peerMover(bench, source, name, install, more = {}) {
  return {
    name,
    kind: 'peer',
    ...more,
    async install() {
      const { command } = await install(bench);
      return { command: ({ url }) => command(source.url, table, url, database) };
    },
  };
}
