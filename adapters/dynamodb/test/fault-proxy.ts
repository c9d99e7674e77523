import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the proxy does to a request instead of handing it on as it is. */
export type Fault =
  /** The service's own error, and nothing is done. */
  | { readonly kind: 'refuse'; readonly error: string; readonly status?: number }
  /** Only so many of a batch are handed on; the others come back as unprocessed, as the service does when it has too much to do. */
  | { readonly kind: 'part'; readonly first: number }
  /** The request is done, and its answer is lost with the connection. */
  | { readonly kind: 'lose' };

/** Decides for each request, by the name of its action (`PutItem`), how many there were of it and how often this very one was sent, both from 0. */
export type FaultRule = (action: string, nth: number, repeat: number) => Fault | undefined;

type Batch = Record<string, unknown[] | { Keys: unknown[] }>;

/** A proxy in front of the real server that has the service's own faults on demand: DynamoDB Local never throttles. */
export class FaultProxy implements AsyncDisposable {
  /** Faults so far. */
  faults = 0;
  private readonly counts = new Map<string, number>();
  private readonly repeats = new Map<string, number>();
  private readonly rule: FaultRule;
  private readonly target: URL;
  private readonly server = createServer((from, to) => void this.handle(from, to));

  private constructor(target: string, rule: FaultRule) {
    this.target = new URL(target.replace(/^dynamodb:/, 'http:'));
    this.rule = rule;
  }

  /** In front of the server of a URL of the adapter's form. */
  static async start(target: string, rule: FaultRule): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, rule);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The URL that goes through the proxy. */
  through(url: string): string {
    return url.replace(/(@[^:/?]+):\d+/, `$1:${(this.server.address() as AddressInfo).port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of from) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const action = String(from.headers['x-amz-target']).split('.')[1]!;
    const fault = this.rule(action, next(this.counts, action), next(this.repeats, `${action} ${body}`));
    if (fault) this.faults++;
    if (fault?.kind === 'refuse') return answer(to, fault.status ?? 400, errorBody(fault.error));
    const split = fault?.kind === 'part' ? splitBatch(body, fault.first) : undefined;
    const { status, text } = await this.forward(from, split?.taken ?? body);
    if (fault?.kind === 'lose') return void to.destroy();
    answer(to, status, split ? withUnprocessed(text, action, split.left) : text);
  }

  private forward(from: IncomingMessage, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.target;
      const headers = { ...from.headers, 'content-length': Buffer.byteLength(body) };
      const out = request({ hostname, port, method: 'POST', path: '/', headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 500, text }));
      });
      out.once('error', reject).end(body);
    });
  }
}

/** Counts a name; how often it was counted before. */
function next(counts: Map<string, number>, name: string): number {
  const before = counts.get(name) ?? 0;
  counts.set(name, before + 1);
  return before;
}

function answer(to: ServerResponse, status: number, text: string): void {
  to.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
}

function errorBody(error: string): string {
  return JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${error}`, message: 'injected' });
}

/** The first so many requests of a batch over one table, and the rest. */
function splitBatch(body: string, first: number): { taken: string; left: Batch } {
  const input = JSON.parse(body) as { RequestItems: Batch };
  const [[table, requests]] = Object.entries(input.RequestItems) as [[string, unknown[] | { Keys: unknown[] }]];
  const part = (slice: (list: unknown[]) => unknown[]): Batch => ({
    [table]: Array.isArray(requests) ? slice(requests) : { ...requests, Keys: slice(requests.Keys) },
  });
  const taken = { ...input, RequestItems: part((list) => list.slice(0, first)) };
  return { taken: JSON.stringify(taken), left: part((list) => list.slice(first)) };
}

function withUnprocessed(text: string, action: string, left: Batch): string {
  const [rest] = Object.values(left);
  const none = (Array.isArray(rest) ? rest : rest!.Keys).length === 0;
  const name = action === 'BatchGetItem' ? 'UnprocessedKeys' : 'UnprocessedItems';
  return JSON.stringify({ ...(JSON.parse(text) as object), [name]: none ? {} : left });
}
