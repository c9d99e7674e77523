const shared = new Map<string, () => Promise<unknown>>();

/**
 * Lets TypeScript files of the user import modules of this process by these names, in place of what a look into `node_modules` would find: a program that has
 * core bundled into itself shares its own, so that no class and no registry is there twice. Loaded when the first such file is.
 */
export function shareModules(modules: Readonly<Record<string, () => Promise<unknown>>>): void {
  for (const [name, load] of Object.entries(modules)) shared.set(name, load);
}

/** The modules that are shared, by name. */
export async function sharedModules(): Promise<Record<string, unknown>> {
  const loaded: Record<string, unknown> = {};
  for (const [name, load] of shared) loaded[name] = await load();
  return loaded;
}
