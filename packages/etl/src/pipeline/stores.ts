import type { Adapter, ConnectOptions, Sink, Source, StoreSession } from '@polyshift/core';
import { keepSecrets, nearest } from '@polyshift/core';
import type { EtlDependencies } from '../dependencies.ts';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';

/** An open store of a spec. */
interface OpenStore {
  readonly adapter: Adapter;
  readonly session: StoreSession;
}

/** Both stores of a spec, open. */
export interface OpenStores extends AsyncDisposable {
  readonly source: OpenStore & { readonly source: Source };
  readonly target: OpenStore & { readonly sink: Sink };
}

/**
 * Connects to the source and the target of a spec. Throws UNKNOWN_STORE, UNSUPPORTED_OPERATION where a store cannot be read or written,
 * CONNECTION_FAILED and AUTHENTICATION_FAILED.
 */
export async function openStores(loaded: LoadedSpec, dependencies: EtlDependencies): Promise<OpenStores> {
  const from = await resolved(loaded, 'source', dependencies);
  const to = await resolved(loaded, 'target', dependencies);
  if (!from.adapter.capabilities.source) throw unsupported(loaded, 'source', from.adapter, 'read');
  if (!to.adapter.capabilities.sink) throw unsupported(loaded, 'target', to.adapter, 'written');
  // One after the other: when the second fails, the first is closed.
  const source = await from.adapter.connect(from.url, from.options);
  try {
    const target = await to.adapter.connect(to.url, to.options);
    if (!source.source || !target.sink) {
      await target.close();
      throw unsupported(loaded, source.source ? 'target' : 'source', source.source ? to.adapter : from.adapter, 'used');
    }
    return {
      source: { adapter: from.adapter, session: source, source: source.source },
      target: { adapter: to.adapter, session: target, sink: target.sink },
      [Symbol.asyncDispose]: async () => {
        await Promise.allSettled([source.close(), target.close()]);
      },
    };
  } catch (error) {
    await source.close().catch(() => undefined);
    throw error;
  }
}

/** Connects to the target alone, for rollback. */
export async function openTarget(loaded: LoadedSpec, dependencies: EtlDependencies): Promise<OpenStores['target']> {
  const to = await resolved(loaded, 'target', dependencies);
  const session = await to.adapter.connect(to.url, to.options);
  if (!session.sink) {
    await session.close();
    throw unsupported(loaded, 'target', to.adapter, 'written');
  }
  return { adapter: to.adapter, session, sink: session.sink };
}

async function resolved(
  loaded: LoadedSpec,
  side: 'source' | 'target',
  dependencies: EtlDependencies,
): Promise<{ adapter: Adapter; url: string; options: ConnectOptions }> {
  const reference = loaded.spec[side];
  let named: { readonly type: string; readonly url: string; readonly options?: unknown };
  if ('store' in reference) {
    const stores = dependencies.stores ?? {};
    const store = Object.hasOwn(stores, reference.store) ? stores[reference.store] : undefined;
    if (!store) {
      const near = nearest(reference.store, Object.keys(stores));
      throw specError(loaded, [side, 'store'], 'UNKNOWN_STORE', `the configuration has no store "${reference.store}"`, {
        hint: near ? `Did you mean "${near}"?` : 'Name it under `stores` in polyshift.config, or give type and url here.',
      });
    }
    named = store;
  } else named = reference;
  keepSecrets(named.url, named.options);
  let adapter: Adapter;
  try {
    adapter = await dependencies.resolveAdapter(named.type);
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    throw specError(loaded, [side, 'type'], 'UNKNOWN_STORE', message, { hint, cause: error });
  }
  return { adapter, url: named.url, options: { application_name: 'polyshift', ...(named.options ?? {}) } };
}

function unsupported(loaded: LoadedSpec, side: 'source' | 'target', adapter: Adapter, verb: string) {
  return specError(loaded, [side], 'UNSUPPORTED_OPERATION', `${adapter.capabilities.title} cannot be ${verb} by ETL`);
}
