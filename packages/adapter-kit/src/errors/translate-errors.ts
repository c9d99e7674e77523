type Method = (...parameters: unknown[]) => unknown;

/** Makes of what a driver throws the error that leaves the adapter; `doing` tells in a few words what was asked of the store. */
export type ToError = (error: unknown, doing: string) => Error;

/**
 * Gives back the same methods, whose errors have gone through `toError`: promises, async iterables and what is thrown at once. Every object that leaves an
 * adapter goes through it, so that no method can forget it.
 */
export function translateErrors<Methods extends object>(methods: Methods, name: string, toError: ToError): Methods {
  const translated: Record<PropertyKey, unknown> = {};
  for (const key of Reflect.ownKeys(methods)) {
    const value: unknown = Reflect.get(methods, key);
    translated[key] =
      typeof value === 'function' ? translateMethod(methods, value as Method, `${name}.${String(key)}`, toError) : value;
  }
  return translated as Methods;
}

function translateMethod(owner: object, method: Method, doing: string, toError: ToError): Method {
  return (...parameters) => {
    let result: unknown;
    try {
      result = method.apply(owner, parameters);
    } catch (error) {
      throw toError(error, doing);
    }
    if (result instanceof Promise) {
      return result.catch((error: unknown) => {
        throw toError(error, doing);
      });
    }
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      return iterate(result as AsyncIterable<unknown>, doing, toError);
    }
    return result;
  };
}

async function* iterate(source: AsyncIterable<unknown>, doing: string, toError: ToError): AsyncGenerator<unknown> {
  try {
    yield* source;
  } catch (error) {
    throw toError(error, doing);
  }
}
