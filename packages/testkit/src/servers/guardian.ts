import { spawn } from 'node:child_process';

/** Watches over one server in case this process is killed in a way that it cannot notice. */
export interface Guardian {
  /** Names the process to end; undefined while the server does not run. */
  watch(pid: number | undefined): void;
  /** Ends the watch: the server has been stopped in order. */
  release(): void;
}

// Its stdin ends when the parent has died, however it died. The process group of the server goes by its leader's id.
const script = `
trap '' HUP INT TERM
pid=
while read -r word; do
  case "$word" in
    done) exit 0 ;;
    none) pid= ;;
    *) pid=$word ;;
  esac
done
if [ -n "$pid" ]; then
  kill -s "$1" -- "-$pid" 2>/dev/null
  sleep 1
  kill -s KILL -- "-$pid" 2>/dev/null
fi
if [ -n "$2" ]; then rm -rf -- "$2"; fi
`;

/**
 * Starts a small shell that ends a server and removes its temporary folder when this process dies by SIGKILL or a crash, for
 * which no exit hook runs. On Windows there is none: the servers then stay until they are ended by hand.
 * @param signal How to end the server, for example `SIGKILL`.
 * @param folder The folder to remove. Default: none.
 */
export function startGuardian(signal: NodeJS.Signals, folder?: string): Guardian {
  if (process.platform === 'win32') return { watch: () => {}, release: () => {} };
  const args = ['-c', script, 'polyshift-guardian', signal.replace(/^SIG/, ''), folder ?? ''];
  // In a process group of its own: Ctrl-C in a terminal must not end it.
  const child = spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
  // Without a shell, or with a guardian that somebody ended, the exit hook is what remains.
  child.once('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    watch: (pid) => void child.stdin.write(`${pid ?? 'none'}\n`),
    release: () => void child.stdin.end('done\n'),
  };
}
