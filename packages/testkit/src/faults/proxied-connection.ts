import { connect, type Socket } from 'node:net';
import type { TcpAddress } from './tcp-address.ts';

/** The way of bytes: from the client to the server, or back. */
export type Direction = 'requests' | 'answers';

/** What the proxy has ordered for the bytes of all connections. */
export interface Traffic {
  /** Milliseconds that each chunk is held back. */
  latency: number;
  /** Milliseconds that a chunk is held back longer at most, by chance. */
  jitter: number;
  /** Whether no byte moves. */
  stalled: boolean;
  /** The direction whose bytes vanish. */
  swallowed: Direction | undefined;
  /** Asked for each chunk of a client, in order; false where it must not reach the server. */
  readonly admit: (connection: ProxiedConnection) => boolean;
}

/** One client of the proxy with its own connection to the server. The end of either side is the end of both. */
export class ProxiedConnection {
  private readonly client: Socket;
  private readonly server: Socket;
  private readonly traffic: Traffic;
  private readonly due = { requests: 0, answers: 0 };
  private readonly waiting: Record<Direction, (() => void)[]> = { requests: [], answers: [] };
  private muted = false;
  private abandoned = false;

  constructor(client: Socket, target: TcpAddress, traffic: Traffic) {
    this.client = client;
    this.traffic = traffic;
    this.server = connect({ host: target.host, port: target.port, noDelay: true });
    for (const [direction, socket] of [
      ['requests', client],
      ['answers', this.server],
    ] as const) {
      socket.on('error', () => this.destroy());
      socket.on('close', () => this.later(direction, () => this.end()));
    }
    client.on('data', (chunk) => {
      if (traffic.admit(this) && traffic.swallowed !== 'requests')
        this.later('requests', () => this.write(chunk, client, this.server));
    });
    this.server.on('data', (chunk) => {
      if (!this.muted && traffic.swallowed !== 'answers') this.later('answers', () => this.write(chunk, this.server, client));
    });
    if (traffic.stalled) this.pause();
  }

  /** Calls back once, when the connection has ended. */
  onClose(listener: () => void): void {
    this.client.once('close', listener);
  }

  /** Takes no more bytes from either side until {@link resume}. */
  pause(): void {
    this.client.pause();
    this.server.pause();
  }

  /** Goes on taking bytes. */
  resume(): void {
    this.client.resume();
    this.server.resume();
  }

  /** Throws away what the server sends from now on. */
  mute(): void {
    this.muted = true;
  }

  /** Resolves with the server's next bytes, with the end of the connection, or when the time is up. */
  answered(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.server.once('data', done);
      this.server.once('close', done);
    });
  }

  /**
   * Ends as the connection of a dead client does: a reset for the client, and for the server the end of what it gets; its answers are
   * thrown away. Resolves when the server has let go of it, for instance because it is done with a statement, or when the time is up.
   */
  abandon(milliseconds: number): Promise<void> {
    this.muted = true;
    this.abandoned = true;
    if (!this.client.destroyed) this.client.resetAndDestroy();
    if (this.server.destroyed) return Promise.resolve();
    this.server.end();
    this.server.resume();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.server.destroy(), milliseconds);
      this.server.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Ends both sides at once, with a reset for the client: bytes on the way are lost. */
  private destroy(): void {
    if (this.abandoned) return;
    if (!this.client.destroyed) this.client.resetAndDestroy();
    this.server.destroy();
  }

  /** One side has ended in order: the other is ended behind the bytes that it still has to get. */
  private end(): void {
    if (this.abandoned) return;
    this.client.destroySoon();
    this.server.destroySoon();
  }

  /** Acts now, or as much later as is ordered, and never before what went the same way. */
  private later(direction: Direction, action: () => void): void {
    const { latency, jitter } = this.traffic;
    const waiting = this.waiting[direction];
    if (latency === 0 && waiting.length === 0) {
      action();
      return;
    }
    const now = performance.now();
    this.due[direction] = Math.max(this.due[direction], now + latency + jitter * Math.random());
    waiting.push(action);
    // Timers need not fire in the order of their times: each acts for whoever has waited longest.
    setTimeout(() => waiting.shift()?.(), this.due[direction] - now);
  }

  private write(chunk: Buffer, from: Socket, to: Socket): void {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => {
      if (!this.traffic.stalled) from.resume();
    });
  }
}
