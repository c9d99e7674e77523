import {
  differences,
  errorEntries,
  expandEnvironment,
  maskSecrets,
  nearest,
  PolyshiftError,
  parseSourceDocument,
  pathText,
} from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('expandEnvironment', () => {
  const expand = (text: string, environment: Record<string, string> = {}) =>
    expandEnvironment(parseSourceDocument(text, 'c.yaml'), environment);

  it.each([
    ['url: "${A}"', { A: 'x' }, { url: 'x' }],
    ['url: "a ${A} b ${B:-c}"', { A: 'x' }, { url: 'a x b c' }],
    ['url: "${A:-}"', {}, { url: '' }],
    ['url: "$${A}"', { A: 'x' }, { url: '${A}' }],
    ['list: ["${A}", 1]', { A: '${B}' }, { list: ['${B}', 1] }],
  ])('%s with %j', (text, environment, expected) => {
    expect(expand(text, environment)).toEqual(expected);
  });

  it('names the variable and the line', () => {
    expect(() => expand('a: 1\nurl: "${NOT_SET}"')).toThrow(/c\.yaml:2.*NOT_SET/);
  });
});

describe('maskSecrets', () => {
  it.each([
    ['cannot reach postgres://app:s3cret@host/db', 'cannot reach postgres://app:***@host/db'],
    ['mongodb+srv://u:p%40ss@h/?x=1&password=abc', 'mongodb+srv://u:***@h/?x=1&password=***'],
    ['postgres://app@host/db', 'postgres://app@host/db'],
    ['nothing here: at all', 'nothing here: at all'],
  ])('%s', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it('masks what an error says, and leaves the password nowhere in its JSON', () => {
    const error = new PolyshiftError('CONNECTION_FAILED', 'no answer from mysql://root:hunter2@db:3306/x', {
      hint: 'check mysql://root:hunter2@db:3306/x',
    });
    expect(JSON.stringify(error)).not.toContain('hunter2');
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('nearest', () => {
  it.each([
    ['emial', ['email', 'name'], 'email'],
    ['add_feild', ['add_field', 'add_constraint'], 'add_field'],
    ['zzz', ['email', 'name'], undefined],
  ])('%s in %j is %s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });
});

describe('differences', () => {
  it('finds nothing between equal values, and something between unequal ones', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        expect(differences(left, structuredClone(left))).toEqual([]);
        expect(differences(left, right).length > 0).toBe(JSON.stringify(left) !== JSON.stringify(right));
      }),
    );
  });

  it('names the path by names', () => {
    expect(differences({ fields: [{ name: 'a', t: 1 }] }, { fields: [{ name: 'a', t: 2 }] })).toEqual([
      { path: 'fields.a.t', was: 1, is: 2 },
    ]);
  });
});

describe('error codes', () => {
  it('have unique numbers and complete entries', () => {
    const entries = Object.values(errorEntries);
    expect(new Set(entries.map((entry) => entry.number)).size).toBe(entries.length);
    for (const entry of entries) {
      expect(entry.number).toMatch(/^PS\d{4}$/);
      expect(entry.meaning).toMatch(/\.$/);
      expect(entry.action.length).toBeGreaterThan(10);
    }
  });
});

it('pathText writes paths as people do', () => {
  expect(pathText(['operations', 2, 'data', 'field_name'])).toBe('operations[2].data.field_name');
});
