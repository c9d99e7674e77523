import { ownValue } from '../value/own-value.ts';
/** Where two values of JSON differ. */
export interface Difference {
  /** The path inside them: `users.fields.email.nullable`. */
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** All differences between two JSON values, by path. Lists whose elements have names are compared by name, others as a whole. */
export function differences(was: unknown, is: unknown, path = ''): Difference[] {
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  const left = asFields(was);
  const right = asFields(is);
  if (!left || !right) return [{ path, was, is }];
  const found = [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    differences(ownValue(left, key), ownValue(right, key), path === '' ? key : `${path}.${key}`),
  );
  // Equal by name but in another order.
  return found.length > 0 ? found : [{ path: `${path} (order)`, was: Object.keys(left), is: Object.keys(right) }];
}

function asFields(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return value as Record<string, unknown>;
  if (!value.every((each): each is { name: string } => typeof (each as { name?: unknown } | null)?.name === 'string'))
    return undefined;
  return Object.fromEntries(value.map((each) => [each.name, each]));
}
