import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request on its way to the server. */
export interface Passing {
  readonly method: string;
  /** With its parameters. */
  readonly path: string;
  readonly body: string;
}

/** What comes back. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Does what it likes with a request: lets it through by `forward`, with another body or none, or answers by itself. */
export type Fault = (passing: Passing, forward: (body?: string) => Promise<Reply>) => Promise<Reply>;

/** The answer of an Elasticsearch whose queue of writes is full, word for word. */
export const busyError = {
  type: 'es_rejected_execution_exception',
  reason:
    'rejected execution of coordinating operation [coordinating_and_primary_bytes=0, replica_bytes=0, all_bytes=0, coordinating_operation_bytes=108, max_coordinating_and_primary_bytes=1]',
};

/** The same as a whole answer. */
export const busyReply: Reply = {
  status: 429,
  body: JSON.stringify({ error: { root_cause: [busyError], ...busyError }, status: 429 }),
};

/** An HTTP proxy before the real server, which breaks what a test tells it to. */
export class FaultProxy implements AsyncDisposable {
  readonly passed: Passing[] = [];
  fault: Fault = (_passing, forward) => forward();
  private readonly server: Server;
  private readonly target: URL;

  private constructor(target: URL) {
    this.target = target;
    this.server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const passing = { method: incoming.method!, path: incoming.url!, body };
        this.passed.push(passing);
        const { 'content-type': type, accept } = incoming.headers;
        const forward = (other = body): Promise<Reply> => this.forward(passing, other, type, accept);
        void this.fault(passing, forward).then((reply) => {
          outgoing.writeHead(reply.status, {
            'content-type': 'application/vnd.elasticsearch+json;compatible-with=9',
            'x-elastic-product': 'Elasticsearch',
          });
          outgoing.end(passing.method === 'HEAD' ? undefined : reply.body);
        });
      });
    });
  }

  /** Starts a proxy before the server of a URL. */
  static async before(url: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(url));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The URL that leads through the proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Sends a request to the real server. */
  forward({ method, path }: Omit<Passing, 'body'>, body: string, type = 'application/json', accept = type): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const headers = { accept, ...(body === '' ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }) };
      const outgoing = request(`${this.target.origin}${path}`, { method, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode!, body: Buffer.concat(chunks).toString('utf8') }));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
