import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while no other process of this machine runs work under the same lock file. A lock whose holder has died is
 * taken over. Meant to spare double downloads, not to guard correctness: who prepares a folder still renames it as a whole.
 * @param file The lock file; its folder is created.
 * @param options.patience Milliseconds to wait for another process before going on without the lock. Default 45 minutes:
 * longer than the longest download may take.
 * @returns What `work` returns.
 */
export async function exclusively<T>(
  file: string,
  work: () => Promise<T>,
  { patience = 45 * 60_000 }: { readonly patience?: number } = {},
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = `${process.pid}\n`;
  const deadline = Date.now() + patience;
  let mine = await take(file, holder);
  while (!mine && Date.now() < deadline) {
    await sleep(100);
    await clearWhenDead(file);
    mine = await take(file, holder);
  }
  try {
    return await work();
  } finally {
    if (mine) await rm(file, { force: true });
  }
}

let drafts = 0;

/** A link appears with its content at once: a lock file that is created and then written would be empty for a moment. */
async function take(file: string, holder: string): Promise<boolean> {
  const draft = `${file}.${process.pid}.${++drafts}`;
  await writeFile(draft, holder);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function clearWhenDead(file: string): Promise<void> {
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (!holder || lives(holder)) return;
  // Renamed before it is removed: of several that wait, one removes this lock, and nobody that of the next holder.
  const aside = `${file}.${process.pid}.dead`;
  try {
    await rename(file, aside);
    await rm(aside, { force: true });
  } catch {
    // Another process was faster.
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as { code?: string }).code === 'EPERM';
  }
}
