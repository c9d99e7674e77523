import { type TcpAddress, withAddress } from '@polyshift/testkit/faults';
import { type MatrixStore, matrixStores } from '../matrix/stores.ts';

/** What a store is asked beyond what all are. */
interface FaultFacts {
  /** Characters of a text that make a row too large and the code that it is rejected with, or why no such row is tried. */
  readonly too_large: { readonly characters: number; readonly code: string } | string;
}

/** A store that faults are tried on. */
export type FaultStore = MatrixStore & FaultFacts;

const tooMuch = (limit: string) => `its limit is ${limit}: a row that reaches it costs more time and memory than all other tests`;

const facts: Readonly<Record<MatrixStore['server'], FaultFacts>> = {
  postgresql: { too_large: tooMuch('1 GB') },
  mysql: { too_large: tooMuch('max_allowed_packet, by default 64 MB') },
  mariadb: { too_large: { characters: 17_000_000, code: 'CONVERSION_FAILED' } },
  mongodb: { too_large: { characters: 17_000_000, code: 'CONVERSION_FAILED' } },
  dynamodb: { too_large: { characters: 450_000, code: 'CONVERSION_FAILED' } },
  cassandra: { too_large: { characters: 17_000_000, code: 'CONVERSION_FAILED' } },
  redis: { too_large: tooMuch('512 MB') },
  elasticsearch: { too_large: tooMuch('100 MB') },
};

/** Every store, with what its faults need. */
export const faultStores: readonly (readonly [string, FaultStore])[] = matrixStores.map((store) => [
  store.server,
  { ...store, ...facts[store.server] },
]);

/** The URL of a store through a proxy. A member of a replica set names all members by their own addresses, which must not be asked for. */
export function throughProxy(store: FaultStore, url: string, proxy: TcpAddress): string {
  const proxied = new URL(withAddress(url, proxy));
  if (store.server === 'mongodb') proxied.searchParams.set('directConnection', 'true');
  return proxied.href;
}
