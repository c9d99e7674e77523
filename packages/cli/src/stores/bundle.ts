import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Module, resolveFrom } from './import-from-project.ts';

/** What a bundle of the command has in itself. */
export interface Bundle {
  /** Whether it can carry out a command, by its name. */
  runs(command: string): boolean;
  /** Called before a command is carried out. */
  prepare(): Promise<void>;
  /** The adapters in it, by the names of their packages. */
  readonly adapters: Readonly<Record<string, () => Promise<Module>>>;
  /** The driver that each of them has brought along, by the adapter's package: its package, and the version of that. */
  readonly drivers: Readonly<Record<string, { readonly name: string; readonly version: string }>>;
}

let current: Bundle | undefined;
/** The adapters of the bundle that have been found to be those of a project, so that the disk is asked once; by adapter and folder. */
const found = new Set<string>();

/** Says that this process runs from a bundle. */
export function runFromBundle(bundle: Bundle): void {
  current = bundle;
}

/**
 * Thrown before anything is done by what a bundle cannot do alone: code of a package that has core of its own beside it, so that classes and registries would be
 * there twice. The command is then run from its packages, as if there were no bundle.
 */
export class OutsideBundle extends Error {
  override readonly name = 'OutsideBundle';
}

/** Gets ready for a command, where this process runs from a bundle. Throws {@link OutsideBundle} where that cannot carry it out. */
export async function prepareBundle(command: string): Promise<void> {
  if (!current) return;
  if (!current.runs(command)) throw new OutsideBundle(command);
  await current.prepare();
}

/**
 * The adapter of a package as the bundle has it; undefined where there is no bundle. Throws {@link OutsideBundle} for any other package, and where the project has a
 * copy of its own, which wins, or another version of its driver is installed, as by an override.
 */
export function bundledAdapter(name: string, folder: string): (() => Promise<Module>) | undefined {
  if (!current) return undefined;
  const adapter = Object.hasOwn(current.adapters, name) ? current.adapters[name] : undefined;
  const asked = `${name} ${folder}`;
  if (adapter === undefined || !(found.has(asked) || (isOwn(name, folder) && hasDriverOf(current, name))))
    throw new OutsideBundle(name);
  found.add(asked);
  return adapter;
}

/** Whether the driver of an adapter that is installed beside the command, if any, is the one in the bundle. */
function hasDriverOf({ drivers }: Bundle, adapter: string): boolean {
  const { name, version } = drivers[adapter]!;
  let text: string;
  try {
    text = readFileSync(createRequire(import.meta.url).resolve(`${name}/package.json`), 'utf8');
  } catch {
    return true;
  }
  return (JSON.parse(text) as { version?: string }).version === version;
}

/** Whether the project has no copy of a package, or the one that the command would load, too. */
function isOwn(name: string, folder: string): boolean {
  const found = resolveFrom(createRequire(`${folder}/package.json`), name);
  return found === undefined || found === resolveFrom(createRequire(import.meta.url), name);
}
