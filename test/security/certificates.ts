import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unprivilegedUser } from '../../packages/testkit/src/servers/unprivileged-user.ts';

const run = promisify(execFile);

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority that only a test trusts, and what it has signed. */
export interface Authority extends AsyncDisposable {
  /** Its own certificate, as PEM. */
  readonly ca: string;
  /** For this machine, by the name `localhost` and the address 127.0.0.1. */
  readonly right: Certificate;
  /** For another host. */
  readonly wrong: Certificate;
  /** The files of the certificate that a server is to show, and its key; a server of the testkit may read them. */
  readonly files: { readonly cert: string; readonly key: string };
  /** Puts a certificate into those files. */
  show(certificate: Certificate): Promise<void>;
}

/** Makes an authority by the program `openssl`, which every system has that runs these tests. */
export async function makeAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-tls-'));
  await chmod(folder, 0o755);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const key = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`];
  await openssl('req', '-x509', ...key('ca'), '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Authority of a test');
  const sign = async (name: string, hosts: string): Promise<Certificate> => {
    await writeFile(join(folder, `${name}.ext`), `subjectAltName=${hosts}\n`);
    await openssl('req', ...key(name), '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`, '-days', '2', '-extfile', `${name}.ext`);
    return {
      cert: await readFile(join(folder, `${name}.pem`), 'utf8'),
      key: await readFile(join(folder, `${name}.key`), 'utf8'),
    };
  };
  const right = await sign('right', 'DNS:localhost,IP:127.0.0.1');
  const wrong = await sign('wrong', 'DNS:other.example.com');
  const files = { cert: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  const user = await unprivilegedUser();
  return {
    ca: await readFile(join(folder, 'ca.pem'), 'utf8'),
    right,
    wrong,
    files,
    async show(certificate) {
      await writeFile(files.cert, certificate.cert);
      await writeFile(files.key, certificate.key, { mode: 0o600 });
      if (user) await chown(files.key, user.uid, user.gid);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
