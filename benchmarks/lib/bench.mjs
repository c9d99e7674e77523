import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { treeSeconds } from './process-tree.mjs';

/** What suites work with. */
export class Bench {
  rows;
  rounds;
  /** Peers are installed here, once. */
  peers = fileURLToPath(new URL('../.cache/peers/', import.meta.url));
  /** The polyshift command. */
  polyshift = fileURLToPath(new URL('../../packages/cli/bin/polyshift.mjs', import.meta.url));
  machine = `${cpus().length} cores, Node ${process.versions.node}`;
  #folders = [];

  constructor({ rows, rounds }) {
    this.rows = rows;
    this.rounds = rounds;
  }

  log(text) {
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
  }

  /** A scratch folder, removed at the end. */
  async folder(name) {
    const folder = await mkdtemp(join(tmpdir(), `polyshift-bench-${name}-`));
    this.#folders.push(folder);
    return folder;
  }

  /** The folder of one peer, created where it is missing. */
  async peerFolder(name) {
    const folder = join(this.peers, name);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Seconds of processor that a server of the testkit has used so far; 0 where it is not a process of this machine. */
  async serverSeconds(server) {
    return server.process ? treeSeconds(server.process.pid) : 0;
  }

  async end() {
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }
}
