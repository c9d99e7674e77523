import type { Client } from '@elastic/elasticsearch';

/** Milliseconds that requests under way are given when the session is closed. */
const closePatience = 1000;

/** What the client does not declare of a connection: the sockets of undici behind it; missing where the options of the driver name another way. */
interface Connected {
  readonly pool?: { destroy?(): Promise<void> };
}

/** Closes a client. It waits for the requests under way, which on a half-open connection never end: those are cut after a second. */
export async function closeClient(client: Client): Promise<void> {
  const connections = client.connectionPool.connections as unknown as readonly Connected[];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      for (const { pool } of connections) void pool?.destroy?.().catch(() => undefined);
      resolve();
    }, closePatience);
  });
  try {
    await Promise.race([client.close(), late]);
  } finally {
    clearTimeout(timer);
  }
}
