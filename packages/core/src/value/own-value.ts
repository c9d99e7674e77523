/**
 * What an object has under a name itself; undefined where it only inherits it. For lookups by names that come from users or stores: every object inherits
 * `constructor` and `toString`, which may as well be the names of collections and fields.
 */
export function ownValue<Value>(object: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
