import { addressOf, withAddress } from '../faults/tcp-address.ts';
import { type CutMoment, TcpProxy } from '../faults/tcp-proxy.ts';
import type { ConformanceOptions } from './options.ts';

/** A connection to a store that can be cut at any of its writes. */
export interface ConnectionCutter extends AsyncDisposable {
  /** The URL whose connections are counted and cut. */
  readonly url: string;
  /** Writes from the driver to the store so far, reads among them where nobody can tell. */
  readonly writes: number;
  /**
   * Cuts at the nth write from now on, 1 being the next, `before` the store has it or `after`; from then on nothing reaches the store over
   * {@link url}, new connections neither. Resolves when it is done.
   */
  cutAt(nth: number, moment: CutMoment): Promise<unknown>;
}

/** The cutter that an adapter's author gives, or a TCP proxy in front of the server. */
export async function openCutter(url: string, options: ConformanceOptions): Promise<ConnectionCutter> {
  if (options.cutter) return options.cutter(url);
  const proxy = await TcpProxy.open(addressOf(url));
  return {
    url: (options.through_proxy ?? withAddress)(url, proxy.address),
    get writes() {
      return proxy.writes;
    },
    cutAt: (nth, moment) => proxy.cutAt(nth, moment),
    [Symbol.asyncDispose]: () => proxy.close(),
  };
}
