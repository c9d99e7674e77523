import { nearest } from '../document/nearest.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import { type ThrottleName, type ThrottleSettings, throttleNames, throttleSchema } from './settings.ts';

const prefix = 'POLYSHIFT_THROTTLE_';

/** The variable that names a file of limits. */
export const throttleFileVariable = `${prefix}FILE`;

/** The variable of a limit: `POLYSHIFT_THROTTLE_MAX_LOAD`. */
export function throttleVariable(name: ThrottleName): string {
  return prefix + name.toUpperCase();
}

const forms: Readonly<Record<ThrottleName, string>> = {
  paused: 'true or false',
  pause_ms: 'whole milliseconds from 0',
  max_replica_lag_ms: 'whole milliseconds from 0, or none',
  max_load: 'a number from 0, or none',
  query: 'a query in the language of the store, or none',
};

/**
 * The limits that stand in environment variables: `POLYSHIFT_THROTTLE_PAUSE_MS=200`. One that is empty counts as missing, `none` takes a limit away. Throws USAGE
 * that names the variable.
 */
export function throttleFromEnvironment(environment: Readonly<Record<string, string | undefined>>): ThrottleSettings {
  const given: [ThrottleName, unknown][] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || variable === throttleFileVariable || text === undefined || text.trim() === '') continue;
    const name = throttleNames.find((each) => throttleVariable(each) === variable);
    if (name === undefined) throw unknownVariable(variable);
    const value = valueIn(name, text.trim());
    if (!throttleSchema.shape[name].safeParse(value).success) {
      throw new PolyshiftError('USAGE', `${variable} takes ${forms[name]}, not "${text}"`, {
        place: { path: variable },
        hint: 'Correct the variable in the environment or in .env, or take it away.',
      });
    }
    given.push([name, value]);
  }
  return Object.fromEntries(given) as ThrottleSettings;
}

function valueIn(name: ThrottleName, text: string): unknown {
  if (name === 'paused') return text === 'true' ? true : text === 'false' ? false : text;
  if (text === 'none' && throttleSchema.shape[name].safeParse(null).success) return null;
  return name === 'query' ? text : Number(text);
}

function unknownVariable(variable: string): PolyshiftError {
  const known = [...throttleNames.map(throttleVariable), throttleFileVariable];
  const near = nearest(variable, known);
  return new PolyshiftError('USAGE', `there is no variable ${variable}`, {
    place: { path: variable },
    hint: near ? `Did you mean ${near}?` : `The variables are ${known.join(', ')}.`,
  });
}
