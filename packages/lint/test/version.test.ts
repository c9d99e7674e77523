import { expect, test } from 'vitest';
import { atLeast } from '../src/version.ts';

const cases: [string, string, boolean][] = [
  ['15', '14', true],
  ['14', '14', true],
  ['14', '14.4', false],
  ['8.0', '8.0.29', false],
  ['8.0.29', '8.0.29', true],
  ['8.0.30', '8.0.29', true],
  ['8.4', '8.0.29', true],
  ['9', '8.4', true],
  ['10.11', '10.4', true],
  ['10.3', '10.11', false],
];

test.each(cases)('%s is at least %s: %s', (version, least, expected) => expect(atLeast(version, least)).toBe(expected));
