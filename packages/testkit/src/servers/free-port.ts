import { connect, createServer, type Server } from 'node:net';

/**
 * A TCP port on 127.0.0.1 that nothing listens on at the moment. Another process may take it before it is used: see {@link onPort}.
 */
export async function freePort(): Promise<number> {
  const server = await listen(0);
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no TCP port to be had on 127.0.0.1');
  return address.port;
}

/** Whether nothing listens on this port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    const server = await listen(port);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return true;
  } catch {
    return false;
  }
}

/**
 * Connects to a port of 127.0.0.1 and hangs up.
 * @throws Error when nothing listens there.
 */
export function knock(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.end(() => resolve()));
    socket.once('error', reject);
  });
}

/**
 * Runs `start` on the given port, or on a free one; a free port that somebody else took in the meantime is replaced.
 * @throws Error when the given port is taken, else what `start` throws.
 */
export async function onPort<T>(port: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  if (port !== undefined) {
    if (!(await isPortFree(port))) throw new Error(`port ${port} is taken on 127.0.0.1`);
    return await start(port);
  }
  for (let attempt = 1; ; attempt++) {
    const free = await freePort();
    try {
      return await start(free);
    } catch (error) {
      if (attempt === 3 || (await isPortFree(free))) throw error;
    }
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    // exclusive: a vitest worker under node:cluster would otherwise share the port and call it free.
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
