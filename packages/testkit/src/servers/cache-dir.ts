import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder for what is costly to make and safe to lose (built stand-ins, copies of binaries):
 * `${XDG_CACHE_HOME:-~/.cache}/polyshift`. It may not exist yet.
 * @param env The environment to look into. Default `process.env`.
 */
export function cacheDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'polyshift');
}
