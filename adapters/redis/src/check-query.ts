import { type JsonValue, PolyshiftError } from '@polyshift/core';
import { nameOf } from './keys/names.ts';
import { type Command, type Reply, type Store, send } from './store.ts';

/**
 * The first value that a command gives: `HGET app:users:1 name`, words in quotes where they have spaces. Keys stand with their whole names, the prefix of
 * the URL included. Of a list it is the first one's; null where there is none. Throws INVALID_DOCUMENT for commands that the server does not flag as `readonly`, and
 * for those that wait.
 */
export async function checkQuery(store: Store, text: string): Promise<JsonValue> {
  const [name, ...parameters] = wordsOf(text);
  if (name === undefined) throw refused('there is no command');
  const flags = await flagsOf(store, name, parameters[0]);
  if (!flags) throw refused(`the server does not know the command ${name}`);
  if (!flags.includes('readonly')) throw refused(`${name} does not only read`);
  if (flags.includes('blocking')) throw refused(`${name} waits for others`);
  return firstOf(await send(store, ...([name.toLowerCase(), ...parameters] satisfies Command)));
}

/** The flags of a command as the server has them; those of its subcommand where only that has any of use. Undefined where it knows none. */
async function flagsOf(store: Store, name: string, subcommand: string | undefined): Promise<string[] | undefined> {
  const names = subcommand === undefined ? [name] : [name, `${name}|${subcommand}`];
  const found = ((await send(store, 'command', 'info', ...names)) as (Reply[] | null)[]).filter((each) => each !== null);
  return (found.at(-1)?.[2] as Reply[] | undefined)?.map(String);
}

function firstOf(reply: Reply): JsonValue {
  if (Buffer.isBuffer(reply)) return nameOf(reply);
  if (Array.isArray(reply)) return reply.length === 0 ? null : firstOf(reply[0]!);
  return reply;
}

/** The words of a command line: in double quotes a backslash stands before a quote or itself, in single quotes nothing does. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  const word = /\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']+))(?=\s|$)/gsy;
  const trimmed = text.trim();
  while (word.lastIndex < trimmed.length) {
    const match = word.exec(trimmed);
    if (!match) throw refused('a quote has no end');
    words.push(match[1]?.replace(/\\(.)/gs, '$1') ?? match[2] ?? match[3]!);
  }
  return words;
}

function refused(why: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `the query of a check on Redis: ${why}`, {
    hint: 'Write one command that reads: HGET users:1 name, SCARD tags, GET counter',
  });
}
