import { PolyshiftError } from '@polyshift/core';

/** What a URL of the form `cassandra://USER:PASSWORD@HOST:PORT,HOST:PORT/KEYSPACE?local_datacenter=NAME` says. */
export interface Address {
  readonly contactPoints: readonly string[];
  readonly keyspace: string;
  /** Default `datacenter1`, the name of a new server. */
  readonly localDataCenter: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Whether the connection is encrypted, with the certificate of the server checked; default false. */
  readonly tls: boolean;
  /** The consistency of reads and writes, `quorum` where the URL does not say: what was written is read again. */
  readonly consistency: Consistency;
  /** The consistency of conditional writes, `serial` where the URL does not say: over all data centres. */
  readonly serialConsistency: SerialConsistency;
}

/** Levels that the adapter can be exact with: each write is read again by the next read. */
export type Consistency = 'quorum' | 'local_quorum' | 'all';

/** Levels of conditional writes. */
export type SerialConsistency = 'serial' | 'local_serial';

const form = 'cassandra://USER:PASSWORD@HOST:PORT,HOST:PORT/KEYSPACE?local_datacenter=NAME';

/** Reads a URL. Throws CONNECTION_FAILED, without the URL in the message, when it is none. */
export function parseAddress(url: string): Address {
  const parts = /^cassandra:\/\/(?:([^@/]*)@)?([^/?@]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url);
  if (parts === null) throw refused('it does not have that form');
  const [, user, hosts = '', path = '', query = ''] = parts;
  const parameters = new URLSearchParams(query);
  if (/%(?![0-9a-f]{2})/i.test(`${user ?? ''}${path}`)) throw refused('a percent sign in it is not that of an encoded character');
  for (const name of parameters.keys()) {
    if (!['local_datacenter', 'tls', 'consistency', 'serial_consistency'].includes(name))
      throw refused(`there is no parameter ${name}`);
  }
  const keyspace = decodeURIComponent(path);
  if (keyspace === '') throw refused('it names no keyspace');
  const colon = user?.indexOf(':') ?? -1;
  return {
    contactPoints: hosts.split(','),
    keyspace,
    localDataCenter: parameters.get('local_datacenter') ?? 'datacenter1',
    ...(user === undefined
      ? {}
      : {
          credentials: {
            username: decodeURIComponent(colon < 0 ? user : user.slice(0, colon)),
            password: decodeURIComponent(colon < 0 ? '' : user.slice(colon + 1)),
          },
        }),
    tls: parameters.get('tls') === 'true',
    consistency: choice(parameters, 'consistency', ['quorum', 'local_quorum', 'all']),
    serialConsistency: choice(parameters, 'serial_consistency', ['serial', 'local_serial']),
  };
}

/** A parameter that has one of some values; the first is the default. */
function choice<const Value extends string>(parameters: URLSearchParams, name: string, values: readonly Value[]): Value {
  const given = parameters.get(name);
  if (given === null) return values[0]!;
  const found = values.find((value) => value === given.toLowerCase());
  if (found === undefined) throw refused(`${name} is one of ${values.join(', ')}`);
  return found;
}

function refused(reason: string): PolyshiftError {
  return new PolyshiftError('CONNECTION_FAILED', `the URL of a Cassandra cluster is ${form}: ${reason}`, {
    hint: 'Reserved characters in names and passwords are percent-encoded.',
  });
}
