import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks in a second, as Linux gives them to programs. */
const ticksPerSecond = 100;

/** Resident bytes of a process and of all below it; 0 where there is no /proc. */
export async function treeMemory(pid) {
  let bytes = 0;
  for (const each of await treeOf(pid)) bytes += each.rss_bytes;
  return bytes;
}

/** Seconds of processor that a server has used: its process, those below it that live, and those that have ended and been waited for. */
export async function treeSeconds(pid) {
  let seconds = 0;
  for (const each of await treeOf(pid)) seconds += each.cpu_seconds + each.ended_seconds;
  return seconds;
}

async function treeOf(root) {
  const children = new Map();
  const found = new Map();
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    // It may have ended since.
    const stat = await statOf(Number(name)).catch(() => undefined);
    if (!stat) continue;
    found.set(stat.pid, stat);
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat.pid]);
  }
  const tree = [];
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    if (found.has(pid)) tree.push(found.get(pid));
    waiting.push(...(children.get(pid) ?? []));
  }
  return tree;
}

async function statOf(pid) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name of the program stands in brackets and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const seconds = (at) => Number(fields[at]) / ticksPerSecond;
  return {
    pid,
    parent: Number(fields[1]),
    cpu_seconds: seconds(11) + seconds(12),
    ended_seconds: seconds(13) + seconds(14),
    rss_bytes: Number(fields[21]) * 4096,
  };
}
