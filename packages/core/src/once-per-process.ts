const place = Symbol.for('@polyshift/core');

/**
 * Gives the first value that was made under a name in this process, so that two copies of this package (a command that is installed
 * globally, and adapters in the project's own `node_modules`) take each other's values for what they are. The name has a number,
 * which grows when the value no longer fits copies that have the earlier one.
 */
export function oncePerProcess<Value>(name: `${string} ${number}`, value: Value): Value {
  const everywhere = globalThis as { [place]?: Map<string, unknown> };
  everywhere[place] ??= new Map();
  const values = everywhere[place];
  if (!values.has(name)) values.set(name, value);
  return values.get(name) as Value;
}
