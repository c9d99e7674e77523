import { type Check, pass, warn } from './check.ts';

/** What a change of a type has left of the values that are kept: those that are as it made them, and those that the application has written or deleted since. */
export function valuesConverted(field: string, kept: number, same: number): Check[] {
  const counts = { kept, same };
  const checks = [pass('values_converted', `${same} of ${kept} values of ${field} are what the change has made of them`, counts)];
  if (same === kept) return checks;
  return [
    ...checks,
    warn(
      'written_since',
      `${kept - same} values of ${field} were written, or their rows deleted, since the change`,
      'Nothing to do: what was written belongs to the application.',
      counts,
    ),
  ];
}
