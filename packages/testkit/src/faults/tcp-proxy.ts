import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Direction, ProxiedConnection, type Traffic } from './proxied-connection.ts';
import type { TcpAddress } from './tcp-address.ts';

/** Whether the write that a cut is set to still reaches the server. */
export type CutMoment = 'before' | 'after';

/** What a cut found. */
export interface Cut {
  /** The number of the write, from 1, counted since the proxy was opened. */
  readonly write: number;
  readonly moment: CutMoment;
}

/** Milliseconds that a cut `after` a write waits for the server's answer to it, which is thrown away, at most. */
export const answerPatience = 2000;

/** Milliseconds that a server is given to let go of a connection that was cut. */
const departurePatience = 5000;

/**
 * A proxy on 127.0.0.1 in front of any server that speaks TCP, with faults to order: what a store's adapter does when its connection is
 * lost at a given write, when the server is away, slow, or silent. A write is one chunk of bytes from the client, which is one
 * message of nearly every protocol; one that is larger than 64 KiB is several. It changes no byte, so that TLS goes through it.
 *
 * A driver that asks its server for the addresses of others goes around the proxy: turn that off in its URL (MongoDB: `directConnection=true`).
 */
export class TcpProxy implements AsyncDisposable {
  private readonly server: Server;
  private readonly target: TcpAddress;
  private readonly connections = new Set<ProxiedConnection>();
  private readonly traffic: Traffic;
  private planned: { readonly write: number; readonly moment: CutMoment; readonly done: (cut: Cut) => void } | undefined;
  private readonly leaving = new Set<Promise<void>>();
  private refusing = false;
  private count = 0;

  private constructor(server: Server, target: TcpAddress) {
    this.server = server;
    this.target = target;
    this.traffic = { latency: 0, jitter: 0, stalled: false, swallowed: undefined, admit: (connection) => this.admit(connection) };
    server.on('connection', (socket) => this.accept(socket));
  }

  /** Opens a proxy on a free port of 127.0.0.1. Nothing is connected to the server before a client is to the proxy. */
  static async open(target: TcpAddress): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: false, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  /** Where clients connect to. */
  get address(): TcpAddress {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port };
  }

  /** Writes of all clients to the server so far, those of a cut among them. */
  get writes(): number {
    return this.count;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.connections.size;
  }

  /**
   * Cuts all connections at the nth write from now on, 1 being the next, and refuses new ones from then until {@link heal}, as if the
   * client's process or its network were gone. With `before` that write is lost; with `after` the server has had it and answered, or two
   * seconds, and the answer is lost. Resolves when the cut is made; replaces a cut that is set and not yet made, whose promise stays open.
   */
  cutAt(nth: number, moment: CutMoment): Promise<Cut> {
    if (!Number.isInteger(nth) || nth < 1) throw new RangeError(`a cut is at the first write or a later one, not at ${nth}`);
    return new Promise((done) => {
      this.planned = { write: this.count + nth, moment, done };
    });
  }

  /** Cuts all connections now; new ones are taken. */
  cut(): void {
    for (const connection of this.connections) {
      const left = connection.abandon(departurePatience).then(() => void this.leaving.delete(left));
      this.leaving.add(left);
    }
    this.connections.clear();
  }

  /** Refuses new connections: each is reset as soon as it is made. Those that are open stay. */
  refuse(): void {
    this.refusing = true;
  }

  /**
   * Holds each chunk of bytes back for so many milliseconds, in both directions. With jitter each is held back up to so many more, by chance; the
   * bytes of one direction stay in their order.
   */
  delay(milliseconds: number, jitter = 0): void {
    this.traffic.latency = milliseconds;
    this.traffic.jitter = jitter;
  }

  /**
   * Lets the bytes of one direction vanish, of all connections and of new ones: they are taken and never arrive, and nothing is closed, as on a connection
   * that is half open. With `requests` the server hears nothing; with `answers` it does what it is asked, and nobody hears of it.
   */
  swallow(direction: Direction): void {
    this.traffic.swallowed = direction;
  }

  /** Goes silent: connections stay open and new ones are taken, but no byte moves, as when a cable is pulled. */
  stall(): void {
    this.traffic.stalled = true;
    for (const connection of this.connections) connection.pause();
  }

  /**
   * Ends all faults: a stall (what was held back moves on), a delay, a refusal, and a cut that is not yet made. Connections of which bytes were
   * swallowed are cut: what comes next would make no sense to either side.
   */
  heal(): void {
    this.planned = undefined;
    this.refusing = false;
    this.traffic.latency = 0;
    this.traffic.jitter = 0;
    this.traffic.stalled = false;
    if (this.traffic.swallowed) this.cut();
    this.traffic.swallowed = undefined;
    for (const connection of this.connections) connection.resume();
  }

  /**
   * Cuts all connections and gives the port back. Waits until the server has let go of each that was cut, five seconds at most: what it does
   * for one that it has not yet seen dead would get in the way of the next client. Idempotent.
   */
  async close(): Promise<void> {
    this.refusing = true;
    this.cut();
    if (this.server.listening) {
      this.server.close();
      await once(this.server, 'close');
    }
    await Promise.all(this.leaving);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private accept(client: Socket): void {
    if (this.refusing) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const connection = new ProxiedConnection(client, this.target, this.traffic);
    this.connections.add(connection);
    connection.onClose(() => this.connections.delete(connection));
  }

  /** Counts a write; tells whether the server may have it. */
  private admit(connection: ProxiedConnection): boolean {
    this.count++;
    const { planned } = this;
    if (planned === undefined || this.count < planned.write) return true;
    this.refusing = true;
    const finish = () => {
      if (this.planned === planned) this.planned = undefined;
      this.cut();
      planned.done({ write: planned.write, moment: planned.moment });
    };
    if (this.count > planned.write) return false;
    if (planned.moment === 'before') {
      finish();
      return false;
    }
    for (const other of this.connections) other.mute();
    void connection.answered(answerPatience).then(finish);
    return true;
  }
}
