import { readdir } from 'node:fs/promises';
import { storeNames } from '../../packages/core/dist/index.js';

/** Every adapter in adapters/, polyshift's own order first: {adapter, losses}, the second what each of its losses means, where it says so. */
export async function findAdapters(root) {
  const folders = (await readdir(new URL('adapters/', root), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).sort((left, right) => place(left) - place(right) || (left < right ? -1 : 1));
  return Promise.all(
    names.map(async (name) => {
      const module = await import(new URL(`adapters/${name}/dist/index.js`, root).href);
      if (module.default?.capabilities?.store !== name)
        throw new Error(`the default export of adapters/${name} is not an adapter for ${name}`);
      return { adapter: module.default, losses: module.losses ?? {} };
    }),
  );
}

function place(name) {
  const index = storeNames.indexOf(name);
  return index < 0 ? storeNames.length : index;
}
