import type { ServerInfo } from '@polyshift/core';
import type { Cluster, Redis } from 'ioredis';
import type { Definitions } from './definitions/definitions.ts';
import type { KeySpace } from './keys/key-space.ts';
import { slotOf } from './keys/slot.ts';

/** What a command takes: texts are sent as UTF-8. */
export type Argument = string | Buffer | number;

/** A command: its name in lower case, then its arguments. */
export type Command = readonly [name: string, ...parameters: Argument[]];

/** A reply, texts as bytes. */
export type Reply = Buffer | number | null | Reply[];

/** A connected Redis. */
export interface Store {
  readonly client: Redis | Cluster;
  readonly cluster: boolean;
  readonly keys: KeySpace;
  readonly definitions: Definitions;
  readonly server: ServerInfo;
  /** Keys of a scan that are sorted in memory, at most; more are sorted by the server, in a sorted set aside. */
  readonly keysInMemory: number;
}

/** What commands are sent through. */
export type Connection = Pick<Store, 'client' | 'cluster'>;

/** Sends one command. */
export async function send(store: Connection, ...[name, ...parameters]: Command): Promise<Reply> {
  return (await store.client.callBuffer(spelled(name), ...parameters)) as Reply;
}

/** Sends commands in pipelines, one to each node that serves a key; replies by position, the server's error in the place of a reply. */
export async function sendAll(store: Connection, commands: readonly Command[]): Promise<(Reply | Error)[]> {
  if (commands.length === 0) return [];
  const replies: (Reply | Error)[] = new Array(commands.length);
  await Promise.all(
    groups(store, commands).map(async (positions) => {
      const pipeline = store.client.pipeline();
      for (const position of positions) {
        const [name, ...parameters] = commands[position]!;
        pipeline.callBuffer(spelled(name), ...parameters.map(asText));
      }
      const results = (await pipeline.exec()) ?? [];
      for (const [index, position] of positions.entries()) {
        const [error, reply] = results[index] ?? [new Error('the pipeline gave no reply'), null];
        replies[position] = error ?? (reply as Reply);
      }
    }),
  );
  return replies;
}

/** {@link sendAll} where no command may fail. */
export async function sendEach(store: Connection, commands: readonly Command[]): Promise<Reply[]> {
  const replies = await sendAll(store, commands);
  for (const reply of replies) if (reply instanceof Error) throw reply;
  return replies as Reply[];
}

/** The nodes that hold keys: every master of a cluster. */
export function masters({ client }: Connection): Redis[] {
  return 'nodes' in client ? client.nodes('master') : [client];
}

/** The positions of commands that can share a pipeline. */
function groups({ client }: Connection, commands: readonly Command[]): number[][] {
  if (!('nodes' in client)) return [commands.map((_command, position) => position)];
  const byNode = new Map<string, number[]>();
  for (const [position, command] of commands.entries()) {
    const node = client.slots[slotOf(keyOf(command))]?.join(',') ?? '';
    const group = byNode.get(node);
    if (group) group.push(position);
    else byNode.set(node, [position]);
  }
  return [...byNode.values()];
}

/** The first key of a command: its first argument, but for scripts and commands of two words. */
function keyOf([name, ...parameters]: Command): Buffer {
  const key = parameters[name.startsWith('eval') ? 2 : name === 'memory' ? 1 : 0]!;
  return Buffer.isBuffer(key) ? key : Buffer.from(String(key));
}

/** In upper case the driver leaves the reply as the server gives it; in lower case it would make an object of a hash, with texts for its bytes. */
function spelled(name: string): string {
  return name.toUpperCase();
}

/** Bytes as a text where they are one: a command of texts alone is several times cheaper for the driver to write. */
function asText(argument: Argument): Argument {
  if (!Buffer.isBuffer(argument)) return argument;
  const text = argument.toString();
  return text.includes('\ufffd') ? argument : text;
}
