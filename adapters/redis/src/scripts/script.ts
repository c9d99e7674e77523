import { createHash } from 'node:crypto';
import { type Argument, type Command, type Connection, type Reply, sendAll } from '../store.ts';

/** A Lua script: one atomic step on the keys that it is given, which are of one slot. */
export class Script {
  readonly source: string;
  private readonly sha: string;

  constructor(source: string) {
    this.source = source.trim();
    this.sha = createHash('sha1').update(this.source).digest('hex');
  }

  /** Runs it once. */
  async run(store: Connection, keys: readonly Argument[], parameters: readonly Argument[]): Promise<Reply> {
    const [reply] = await this.runAll(store, [{ keys, parameters }]);
    if (reply instanceof Error) throw reply;
    return reply!;
  }

  /** Runs it many times in a pipeline, by its hash; a node that does not know it yet is given the source. Replies by position. */
  async runAll(store: Connection, calls: readonly ScriptCall[]): Promise<(Reply | Error)[]> {
    const replies: (Reply | Error)[] = new Array(calls.length);
    let open = calls.map((_call, position) => position);
    while (open.length > 0) {
      const results = await sendAll(
        store,
        open.map((position) => this.command('evalsha', this.sha, calls[position]!)),
      );
      const unknown: number[] = [];
      for (const [index, position] of open.entries()) {
        const result = results[index]!;
        if (result instanceof Error && result.message.startsWith('NOSCRIPT')) unknown.push(position);
        else replies[position] = result;
      }
      const [first, ...rest] = unknown;
      if (first !== undefined)
        [replies[first]] = (await sendAll(store, [this.command('eval', this.source, calls[first]!)])) as [Reply | Error];
      open = rest;
    }
    return replies;
  }

  private command(name: string, script: string, { keys, parameters }: ScriptCall): Command {
    return [name, script, keys.length, ...keys, ...parameters];
  }
}

/** What a script is given. */
export interface ScriptCall {
  readonly keys: readonly Argument[];
  readonly parameters: readonly Argument[];
}
