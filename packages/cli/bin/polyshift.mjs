#!/usr/bin/env node
import { existsSync, readdirSync, statSync } from 'node:fs';
import module from 'node:module';

// Where Node can (22.1 and newer), the compiled code is kept between runs: commands start faster.
module.enableCompileCache?.();

const bundle = new URL('../dist/bundle/main.js', import.meta.url);
await import(isCurrent() ? bundle.href : '../dist/main.js');

/** Whether there is a bundle of the command, and in a checkout none of its packages has been built since. */
function isCurrent() {
  if (!existsSync(bundle)) return false;
  const root = new URL('../../../', import.meta.url);
  if (!existsSync(new URL('pnpm-workspace.yaml', root))) return true;
  const made = statSync(bundle).mtimeMs;
  return ['packages/', 'adapters/'].every((folder) =>
    readdirSync(new URL(folder, root)).every((name) => {
      const built = statSync(new URL(`${folder}${name}/dist/.tsbuildinfo`, root), { throwIfNoEntry: false });
      return built === undefined || built.mtimeMs <= made;
    }),
  );
}
