import { type TcpAddress, withAddress } from '@polyshift/testkit/faults';

/** A URL through the cutting proxy. A member of a replica set names all members by their own addresses, which must not be asked for. */
export function throughProxy(url: string, proxy: TcpAddress): string {
  const direct = new URL(withAddress(url, proxy));
  direct.searchParams.set('directConnection', 'true');
  return direct.href;
}
