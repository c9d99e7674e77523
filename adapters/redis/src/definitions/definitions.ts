import { PolyshiftError, stableJson } from '@polyshift/core';
import type { KeySpace } from '../keys/key-space.ts';
import { Script } from '../scripts/script.ts';
import { type Connection, send } from '../store.ts';
import { type Definition, undefinedCollection } from './definition.ts';

/** Writes a definition where it still is what it was taken for; an empty text is none. KEYS: the hash. ARGV: name, before, after. */
const exchange = new Script(`
local found = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if found ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1
`);

/** The definitions of all collections: one hash of name to JSON. */
export class Definitions {
  private readonly connection: Connection;
  private readonly hash: string;
  /** What was read last, for what must know it without asking the server. */
  private readonly cache = new Map<string, Definition>();

  constructor(connection: Connection, keys: KeySpace) {
    this.connection = connection;
    this.hash = keys.shared('collections');
  }

  /** The definition of a collection as it is now; undefined where it has none. */
  async read(name: string): Promise<Definition | undefined> {
    return this.remember(name, await this.text(name));
  }

  /** All definitions. */
  async all(): Promise<Map<string, Definition>> {
    const found = (await send(this.connection, 'hgetall', this.hash)) as Buffer[];
    const definitions = new Map<string, Definition>();
    for (let index = 0; index < found.length; index += 2) {
      const name = String(found[index]);
      definitions.set(name, this.remember(name, String(found[index + 1]))!);
    }
    return definitions;
  }

  /** The definition that was read last, without I/O; that of a collection without one where there is none. */
  known(name: string): Definition {
    return this.cache.get(name) ?? undefinedCollection;
  }

  /** Whether {@link known} is of a collection that has a definition. */
  isDefined(name: string): boolean {
    return this.cache.has(name);
  }

  /**
   * Changes a definition; `change` is called again where somebody else has changed it meanwhile, and gives undefined to delete it. A change that
   * changes nothing writes nothing.
   */
  async change(
    name: string,
    change: (before: Definition | undefined) => Definition | undefined,
  ): Promise<Definition | undefined> {
    for (let round = 0; round < 50; round++) {
      const before = await this.text(name);
      const wanted = change(before === '' ? undefined : (JSON.parse(before) as Definition));
      const after = wanted === undefined ? '' : JSON.stringify(wanted);
      const same = before !== '' && after !== '' && stableJson(JSON.parse(before)) === stableJson(JSON.parse(after));
      if (same || before === after || (await exchange.run(this.connection, [this.hash], [name, before, after])) === 1)
        return this.remember(name, after);
    }
    throw new PolyshiftError('STORE_BUSY', `the definition of ${name} is changed by others all the time`, { retryable: true });
  }

  /** Sets a definition, or takes it away. */
  async put(name: string, definition: Definition | undefined): Promise<void> {
    await this.change(name, () => definition);
  }

  private async text(name: string): Promise<string> {
    return String((await send(this.connection, 'hget', this.hash, name)) ?? '');
  }

  private remember(name: string, text: string): Definition | undefined {
    if (text === '') {
      this.cache.delete(name);
      return undefined;
    }
    const definition = JSON.parse(text) as Definition;
    this.cache.set(name, definition);
    return definition;
  }
}
