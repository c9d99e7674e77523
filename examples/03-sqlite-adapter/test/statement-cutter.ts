import type { ConnectionCutter } from '@polyshift/testkit/conformance';
import type { Tap } from '../src/database.ts';

type Moment = Parameters<Tap>[0];

const cutters = new Map<string, StatementCutter>();

/** Cuts where no proxy can stand: at the statements of a driver that works in this process, on connections whose URL names it. */
export class StatementCutter implements ConnectionCutter {
  readonly url: string;
  writes = 0;
  private readonly name = String(cutters.size);
  private planned: { readonly write: number; readonly moment: Moment; readonly done: () => void } | undefined;
  private isCut = false;

  constructor(url: string) {
    const named = new URL(url);
    named.searchParams.set('cutter', this.name);
    this.url = named.href;
    cutters.set(this.name, this);
  }

  cutAt(nth: number, moment: Moment): Promise<void> {
    return new Promise((done) => {
      this.planned = { write: this.writes + nth, moment, done };
    });
  }

  /** The tap of a connection; undefined where its URL names no cutter. */
  static tapOf(url: string): Tap | undefined {
    const cutter = cutters.get(new URL(url).searchParams.get('cutter') ?? '');
    return cutter && ((moment) => cutter.step(moment));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isCut = true;
  }

  private step(moment: Moment): void {
    if (!this.isCut && moment === 'before') this.writes++;
    if (this.planned?.write === this.writes && this.planned.moment === moment) {
      this.isCut = true;
      this.planned.done();
    }
    if (this.isCut) throw Object.assign(new Error('the connection is cut'), { code: 'ECONNRESET' });
  }
}
