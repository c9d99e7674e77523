import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressOf, TcpProxy, withAddress } from '../src/faults/index.ts';

/** A server that notes what it gets and answers each chunk with the same in capitals. */
class Shouter implements AsyncDisposable {
  readonly heard: string[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.server = server;
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        this.heard.push(chunk.toString());
        socket.write(chunk.toString().toUpperCase());
      });
    });
  }

  static async open(): Promise<Shouter> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Shouter(server);
  }

  get address() {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Sends a text and waits for the answer; what ended the connection where none comes. */
async function say(socket: Socket, text: string): Promise<string> {
  const answer = new Promise<string>((resolve) => {
    socket.once('data', (chunk) => resolve(chunk.toString()));
    socket.once('close', () => resolve('closed'));
  });
  socket.write(text);
  return answer;
}

async function dial(proxy: TcpProxy): Promise<Socket> {
  const socket = connect({ ...proxy.address, noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const silence = Symbol('silence');
const within = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds, silence));

let server: Shouter;
let proxy: TcpProxy;
beforeEach(async () => {
  server = await Shouter.open();
  proxy = await TcpProxy.open(server.address);
});
afterEach(async () => {
  await proxy.close();
  await server[Symbol.asyncDispose]();
});

describe('a proxy', () => {
  it('passes bytes on and counts the writes of all clients', async () => {
    const [first, second] = [await dial(proxy), await dial(proxy)];
    expect([await say(first, 'a'), await say(second, 'b'), await say(first, 'c')]).toEqual(['A', 'B', 'C']);
    expect([proxy.writes, proxy.open]).toEqual([3, 2]);
  });

  it('passes on more than a socket holds, with back-pressure', async () => {
    const socket = await dial(proxy);
    const size = 8 * 1024 * 1024;
    let back = 0;
    const all = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        back += chunk.length;
        if (back === size) resolve();
      });
    });
    socket.write('x'.repeat(size));
    await all;
    expect(server.heard.join('').length).toBe(size);
  });

  it('ends the connection to the server when the client ends, and the other way round', async () => {
    const socket = await dial(proxy);
    await say(socket, 'a');
    socket.end();
    await once(socket, 'close');
    await expect.poll(() => proxy.open).toBe(0);
    await server[Symbol.asyncDispose]();
    const late = await dial(proxy);
    expect(await say(late, 'a')).toBe('closed');
    server = await Shouter.open();
  });

  it('waits on closing until the server has let go of what was cut', async () => {
    let done = false;
    const slow = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => undefined);
      // As a server that is still at work when its client dies.
      socket.on('end', () => setTimeout(() => socket.end(() => (done = true)), 150));
    }).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const between = await TcpProxy.open({ host: '127.0.0.1', port: (slow.address() as AddressInfo).port });
    const client = await dial(between);
    const cut = between.cutAt(1, 'before');
    client.write('a');
    await cut;
    expect(done).toBe(false);
    await between.close();
    expect(done).toBe(true);
    slow.close();
  });

  it('can be closed twice', async () => {
    await dial(proxy);
    await proxy.close();
    await proxy.close();
    expect(proxy.open).toBe(0);
  });
});

describe('a cut', () => {
  it('before the nth write loses that write, and every connection', async () => {
    const [first, second] = [await dial(proxy), await dial(proxy)];
    await say(first, 'early');
    const cut = proxy.cutAt(2, 'before');
    expect(await say(second, 'one')).toBe('ONE');
    expect(await say(first, 'two')).toBe('closed');
    expect(await cut).toEqual({ write: 3, moment: 'before' });
    await expect.poll(() => proxy.open).toBe(0);
    expect(server.heard).toEqual(['early', 'one']);
  });

  it('after the nth write lets the server have it and loses the answer', async () => {
    const [first, second] = [await dial(proxy), await dial(proxy)];
    const cut = proxy.cutAt(1, 'after');
    const [answer, other] = await Promise.all([say(first, 'one'), say(second, 'two')]);
    expect([answer, other]).toEqual(['closed', 'closed']);
    expect(await cut).toEqual({ write: 1, moment: 'after' });
    expect(server.heard).toEqual(['one']);
  });

  it('refuses new connections until the proxy is healed', async () => {
    const socket = await dial(proxy);
    void proxy.cutAt(1, 'before');
    await say(socket, 'one');
    const refused = connect(proxy.address);
    await once(refused, 'error');
    proxy.heal();
    expect(await say(await dial(proxy), 'again')).toBe('AGAIN');
  });

  it('that is not yet made is taken back by healing', async () => {
    const socket = await dial(proxy);
    void proxy.cutAt(1, 'before');
    proxy.heal();
    expect(await say(socket, 'one')).toBe('ONE');
  });

  it('is at the first write or later', () => {
    for (const nth of [0, -1, 1.5]) expect(() => proxy.cutAt(nth, 'before')).toThrow(RangeError);
  });

  it('made at once lets clients come back', async () => {
    const socket = await dial(proxy);
    await say(socket, 'a');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    proxy.cut();
    await ended;
    expect(await say(await dial(proxy), 'again')).toBe('AGAIN');
  });
});

describe('other faults', () => {
  it('refusing leaves open connections alone', async () => {
    const socket = await dial(proxy);
    await say(socket, 'a');
    proxy.refuse();
    await once(connect(proxy.address), 'error');
    expect(await say(socket, 'b')).toBe('B');
  });

  it('a delay holds every chunk back, in order, in both directions', async () => {
    const socket = await dial(proxy);
    proxy.delay(40);
    const started = performance.now();
    socket.write('a');
    expect(await say(socket, 'b')).toMatch(/^A/);
    expect(performance.now() - started).toBeGreaterThan(75);
    expect(server.heard.join('')).toBe('ab');
  });

  it('jitter leaves the bytes of each direction in their order', async () => {
    const socket = await dial(proxy);
    proxy.delay(1, 15);
    const text = 'abcdefghijklmnopqrstuvwxyz';
    let answered = '';
    socket.on('data', (bytes) => {
      answered += String(bytes);
    });
    for (const letter of text) {
      socket.write(letter);
      await within(1);
    }
    await expect.poll(() => answered, { timeout: 10_000 }).toBe(text.toUpperCase());
    expect(server.heard.join('')).toBe(text);
  });

  it.each([
    { direction: 'requests', heard: ['a'] },
    { direction: 'answers', heard: ['a', 'b'] },
  ] as const)('swallowed $direction never arrive, and nothing is closed until it is healed', async ({ direction, heard }) => {
    const socket = await dial(proxy);
    await say(socket, 'a');
    proxy.swallow(direction);
    const answer = say(socket, 'b');
    expect(await Promise.race([answer, within(60)])).toBe(silence);
    expect(server.heard).toEqual(heard);
    proxy.heal();
    expect(await answer).toBe('closed');
    expect(await say(await dial(proxy), 'c')).toBe('C');
  });

  it('a stall moves no byte until it is healed, over connections old and new', async () => {
    const old = await dial(proxy);
    await say(old, 'a');
    proxy.stall();
    const fresh = await dial(proxy);
    const answers = [say(old, 'b'), say(fresh, 'c')];
    expect(await Promise.race([...answers, within(60)])).toBe(silence);
    expect(server.heard).toEqual(['a']);
    proxy.heal();
    expect(await Promise.all(answers)).toEqual(['B', 'C']);
  });
});

describe('the address of a URL', () => {
  it('is read and replaced with all else as it was', () => {
    const url = 'mongodb://user:p%40ss@db.example:27018/shop?directConnection=true&w=1#x';
    expect(addressOf(url)).toEqual({ host: 'db.example', port: 27018 });
    expect(withAddress(url, { host: '127.0.0.1', port: 5 })).toBe(
      'mongodb://user:p%40ss@127.0.0.1:5/shop?directConnection=true&w=1#x',
    );
    expect(addressOf('redis://[::1]:6379/0')).toEqual({ host: '::1', port: 6379 });
    expect(() => addressOf('file:///tmp/a.db')).toThrow(/host and a port/);
  });
});
