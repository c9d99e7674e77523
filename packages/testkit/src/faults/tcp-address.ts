/** A host and a port. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** The address that a URL names. Throws where it names no host or no port, for a default port is known to the driver alone. */
export function addressOf(url: string): TcpAddress {
  const { hostname, port } = new URL(url);
  if (hostname === '' || port === '') throw new Error('a proxy needs a URL with a host and a port');
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** The URL with another host and port and all else as it was. */
export function withAddress(url: string, address: TcpAddress): string {
  const changed = new URL(url);
  changed.hostname = address.host;
  changed.port = String(address.port);
  return changed.href;
}
