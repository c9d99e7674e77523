import { type Check, warn } from '../checks/check.ts';
import type { Operation } from './registry.ts';

/** The check by which a store says that it copies in one line, whatever `workers` asks for; none where it asks for no more. */
export function warnOfWorkers({ collection, data }: Operation<'online_change'>): Check[] {
  const workers = data.workers ?? 1;
  if (workers === 1) return [];
  return [
    warn('workers', `${collection} is copied in one line here, not by ${workers} workers side by side`, 'Leave `workers` out.'),
  ];
}
