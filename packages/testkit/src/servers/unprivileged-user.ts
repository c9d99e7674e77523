import { runTool } from './run-tool.ts';

/** A user of this machine who is not root. */
export interface UnprivilegedUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const existing = ['postgres', 'mysql', 'nobody'];
const own = 'polyshift';
let found: Promise<UnprivilegedUser> | undefined;

/**
 * The user to run a server as. PostgreSQL and others refuse to run as root, so that root needs another user: an existing
 * unprivileged one, or else the system user `polyshift`, which is created (Linux, by `useradd`).
 * @returns Undefined when this process is not root (or on Windows): the server then runs as the same user.
 * @throws Error when root has no such user and none can be created.
 */
export async function unprivilegedUser(): Promise<UnprivilegedUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  found ??= find();
  return await found;
}

async function find(): Promise<UnprivilegedUser> {
  for (const name of [...existing, own]) {
    const user = await lookUp(name);
    if (user !== undefined && user.uid !== 0) return user;
  }
  await runTool('useradd', ['--system', '--no-create-home', '--shell', '/bin/sh', own]);
  const user = await lookUp(own);
  if (user === undefined) throw new Error(`the user ${own} was created but cannot be found`);
  return user;
}

async function lookUp(name: string): Promise<UnprivilegedUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([runTool('id', ['-u', name]), runTool('id', ['-g', name])]);
    return { name, uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}
