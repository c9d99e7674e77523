import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What comes before commands that only root may run. */
const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive'];

/** Why no small disk can be had here, in words; undefined where it can. */
export const whyNoSmallDisk: string | undefined = tryToMount();

/** A file system in memory for the data of one server, which can be filled to the last byte. */
export class SmallDisk implements Disposable {
  readonly path: string;

  /** Mounts one of so many megabytes. Throws an Error where {@link whyNoSmallDisk} says why. */
  constructor(megabytes: number) {
    // Not under TMPDIR, which another user, as whom a server may have to run, perhaps cannot enter.
    this.path = mkdtempSync('/tmp/polyshift-small-disk-');
    run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=1777`, 'tmpfs', this.path);
  }

  /** Takes all room that there is. */
  fill(): void {
    const file = openSync(this.ballast, 'a');
    try {
      for (const size of [1_000_000, 4096]) while (write(file, Buffer.alloc(size)));
    } finally {
      closeSync(file);
    }
  }

  /** Gives the room back. */
  empty(): void {
    rmSync(this.ballast, { force: true });
  }

  [Symbol.dispose](): void {
    // Lazily: what a server that was killed has open is closed a moment later.
    run('umount', '--lazy', this.path);
    rmdirSync(this.path);
  }

  private get ballast(): string {
    return join(this.path, 'ballast');
  }
}

/** Whether there was room. */
function write(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) > 0;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOSPC') return false;
    throw error;
  }
}

function run(...command: string[]): void {
  const [program, ...args] = [...asRoot, ...command];
  execFileSync(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function tryToMount(): string | undefined {
  if (process.platform !== 'linux') return 'a file system in memory is mounted on Linux only';
  const path = mkdtempSync(join(tmpdir(), 'polyshift-mount-'));
  try {
    const [program, ...args] = [...asRoot, 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path];
    const { status } = spawnSync(program!, args, { stdio: 'ignore' });
    if (status !== 0) return 'this user may not mount a file system';
    run('umount', path);
    return undefined;
  } finally {
    rmdirSync(path);
  }
}
