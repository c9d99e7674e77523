import { resolve } from 'node:path';
import { type Adapter, type ErrorPlace, importModule, nearest, PolyshiftError, storeNames } from '@polyshift/core';
import { bundledAdapter } from './bundle.ts';
import { importFromProject, type Module } from './import-from-project.ts';

/** What is asked for, and where its package is looked for first. */
export interface AdapterRequest {
  /** `type` of a store: one of polyshift's own, a package name, or a file that begins with `./` or `../`. Its code is run. */
  readonly type: string;
  /** The folder of the project: its packages win over those of the command. */
  readonly folder: string;
  /** Where the type stands, for errors. */
  readonly place?: ErrorPlace | undefined;
}

/**
 * Loads the adapter of a store type, only when it is needed: `postgresql` from `@polyshift/postgresql`, any other from the package or file of that
 * name. Throws UNKNOWN_STORE that says what to install.
 */
export async function loadAdapter(request: AdapterRequest): Promise<Adapter> {
  const { type, folder } = request;
  const bundled = bundledAdapter(packageOf(type), folder);
  if (bundled) return adapterOf((await bundled())['default'], packageOf(type), request);
  if (/^\.{1,2}\//.test(type)) return adapterOf(await importModule(resolve(folder, type), type), type, request);
  if (!packageName.test(type)) throw missingAdapter(type, request);
  const name = packageOf(type);
  const module = await importAdapter(name, request);
  return adapterOf(module['default'], name, request);
}

/** The package of a store type. */
function packageOf(type: string): string {
  return (storeNames as readonly string[]).includes(type) ? `@polyshift/${type}` : type;
}

/** Throws `OutsideBundle` where the adapter of a store type cannot be had from the bundle that this process runs from. */
export function refuseAdapterOutside({ type, folder }: AdapterRequest): void {
  bundledAdapter(packageOf(type), folder);
}

/** What npm takes for a name, with a path inside the package: no URL, whose text may be code itself (`data:`), and no absolute path. */
const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(?:\/[\w~-][\w.~-]*)*$/i;

async function importAdapter(name: string, request: AdapterRequest): Promise<Module> {
  let module: Module | undefined;
  try {
    module = await importFromProject(name, request.folder);
  } catch (cause) {
    throw new PolyshiftError('UNKNOWN_STORE', `the adapter ${name} cannot be loaded: ${(cause as Error).message}`, {
      ...(request.place ? { place: request.place } : {}),
      hint: 'Install it again, with all that it depends on.',
      cause,
    });
  }
  if (module) return module;
  throw missingAdapter(name, request);
}

function missingAdapter(name: string, { type, place }: AdapterRequest): PolyshiftError {
  const own = name !== type;
  const near = own ? undefined : nearest(type, storeNames);
  const install = `Install it: npm install ${name}`;
  return new PolyshiftError(
    'UNKNOWN_STORE',
    own ? `the adapter for ${type}, ${name}, is not installed` : `there is no adapter for a store of type "${type}"`,
    {
      ...(place ? { place } : {}),
      hint: own
        ? install
        : near
          ? `Did you mean "${near}"?`
          : `The types are ${storeNames.join(', ')}; any other is the name of an adapter's package. ${install}`,
      data: { package: name },
    },
  );
}

function adapterOf(value: unknown, name: string, { place }: AdapterRequest): Adapter {
  const adapter = value as Partial<Adapter> | undefined | null;
  const lacks = (['store', 'url_schemes', 'capabilities', 'connect', 'classify'] as const).filter(
    (part) => adapter?.[part] === undefined,
  );
  if (lacks.length === 0) return adapter as Adapter;
  throw new PolyshiftError('UNKNOWN_STORE', `the default export of ${name} is not an adapter: it lacks ${lacks.join(', ')}`, {
    ...(place ? { place } : {}),
    hint: 'An adapter is made by `defineAdapter` of @polyshift/core and is the default export of its package.',
  });
}
