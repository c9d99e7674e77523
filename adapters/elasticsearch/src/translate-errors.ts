import { toPolyshiftError } from './errors.ts';

/**
 * Gives back the same methods, whose errors are PolyshiftErrors: promises, async iterables and what is thrown at once. Every object
 * that leaves the adapter goes through it, so that no method can forget it.
 */
export function translateErrors<Methods extends object>(methods: Methods, name: string): Methods {
  const translated: Record<PropertyKey, unknown> = {};
  for (const key of Reflect.ownKeys(methods)) {
    const value: unknown = Reflect.get(methods, key);
    translated[key] = typeof value === 'function' ? translateMethod(methods, value as Method, `${name}.${String(key)}`) : value;
  }
  return translated as Methods;
}

type Method = (...parameters: unknown[]) => unknown;

function translateMethod(owner: object, method: Method, doing: string): Method {
  return (...parameters) => {
    let result: unknown;
    try {
      result = method.apply(owner, parameters);
    } catch (error) {
      throw toPolyshiftError(error, doing);
    }
    if (result instanceof Promise) {
      return result.catch((error: unknown) => {
        throw toPolyshiftError(error, doing);
      });
    }
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      return iterate(result as AsyncIterable<unknown>, doing);
    }
    return result;
  };
}

async function* iterate(source: AsyncIterable<unknown>, doing: string): AsyncGenerator<unknown> {
  try {
    yield* source;
  } catch (error) {
    throw toPolyshiftError(error, doing);
  }
}
