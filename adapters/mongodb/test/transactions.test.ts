import { Socket } from 'node:net';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { toPolyshiftError } from '../src/errors.ts';
import { inTransaction } from '../src/store.ts';
import { openStage } from './stage.ts';

const stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(() => void vi.restoreAllMocks());

/** The connection is cut in the moment in which a command of this name is written to it; the number of such moments. */
function cutAt(command: string): { times: number } {
  const cut = { times: 0 };
  const write = Socket.prototype.write;
  vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...given: unknown[]): boolean {
    const [bytes] = given;
    if (!(bytes instanceof Uint8Array && Buffer.from(bytes).includes(command)))
      return Reflect.apply(write, this, given) as boolean;
    cut.times++;
    // As the operating system tells it: by an event, while the driver waits for the bytes to leave.
    queueMicrotask(() => this.destroy(Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET', syscall: 'write' })));
    return false;
  });
  return cut;
}

it.each(['insert', 'commitTransaction'])('a connection that is cut while %s is written is told as lost', async (command) => {
  const { store, collection } = stage;
  // Not by the command's name, which then would be in every write.
  const name = `cut_${command.length}`;
  await store.db.createCollection(name);
  const cut = cutAt(command);
  const error = await inTransaction(store, async (session) => {
    await collection(name).insertOne({ _id: 1 } as never, session ? { session } : {});
  }).then(
    () => undefined,
    (thrown: unknown) => toPolyshiftError(thrown),
  );
  expect(cut.times).toBeGreaterThan(0);
  expect(error).toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
  vi.restoreAllMocks();
  expect(await collection(name).countDocuments()).toBe(0);
});
