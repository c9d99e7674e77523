import { createHash } from 'node:crypto';
import { asideTable } from '../store.ts';

/** The name of a table that is kept aside for a step: within the 48 characters of the store, and the same whenever it is asked for. */
export function keptTable(aside: string, part = 'kept'): string {
  const name = `${asideTable}_${aside}_${part}`;
  if (name.length <= 48 && /^\w+$/.test(name)) return name;
  return `${asideTable}_${createHash('sha256').update(`${aside}_${part}`).digest('hex').slice(0, 30)}`;
}
