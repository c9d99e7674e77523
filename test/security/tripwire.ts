/** A name that every object has while {@link withTripwire} works, as every object has `constructor`. */
export const tripwire = 'inherited_by_all';

/**
 * Runs work while every object inherits a property of the name {@link tripwire}, and gives the places in this project that have read it:
 * lookups by a name which do not ask whether the object has that name itself. Drivers may do as they like.
 */
export async function withTripwire(work: () => Promise<void>): Promise<string[]> {
  const places = new Set<string>();
  Object.defineProperty(Object.prototype, tripwire, {
    configurable: true,
    get() {
      const [caller = ''] = (new Error().stack ?? '').split('\n').slice(2);
      const place = /\/((?:packages|adapters)\/[^/]+\/src\/\S+:\d+):\d+/.exec(caller)?.[1];
      if (place !== undefined) places.add(place);
      return undefined;
    },
    set(value: unknown) {
      // As if the prototype had nothing: the object gets a property of its own.
      Object.defineProperty(this, tripwire, { value, configurable: true, enumerable: true, writable: true });
    },
  });
  try {
    await work();
  } finally {
    Reflect.deleteProperty(Object.prototype, tripwire);
  }
  return [...places].sort();
}
