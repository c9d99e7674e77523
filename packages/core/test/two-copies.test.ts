import { describe, expect, it } from 'vitest';
import * as sources from '../src/index.ts';

// The build beside the sources is a second copy, as the packages of a project are beside a command that is installed globally.
const built: typeof sources = await import(new URL('../dist/index.js', import.meta.url).href);

describe('two copies in one process', () => {
  it('are two', () => {
    expect(built.toDynamic).not.toBe(sources.toDynamic);
  });

  it('take each other’s values for what they are', () => {
    const value = new built.Tagged({ kind: 'decimal' }, '1.50');
    expect(value).toBeInstanceOf(sources.Tagged);
    expect(sources.dynamicType(value)).toEqual({ kind: 'decimal' });
    expect(sources.canonicalText({ kind: 'dynamic' }, value)).toBe(built.canonicalText({ kind: 'dynamic' }, value));
  });

  it('know each other’s errors, and no others', () => {
    const errors = {
      ConversionError: new built.ConversionError('not a number'),
      LossRefusedError: new built.LossRefusedError('too many digits'),
      PolyshiftError: new built.PolyshiftError('LOCKED', 'held'),
      Error: new Error('another'),
    };
    const seen = Object.entries(errors).map(([name, error]) => [
      name,
      error instanceof sources.ConversionError,
      error instanceof sources.LossRefusedError,
      error instanceof sources.PolyshiftError,
      sources.isPolyshiftError(error, 'LOCKED'),
    ]);
    expect(seen).toEqual([
      ['ConversionError', true, false, false, false],
      ['LossRefusedError', true, true, false, false],
      ['PolyshiftError', false, false, true, true],
      ['Error', false, false, false, false],
    ]);
  });

  it('mask the secrets of each other’s connections', () => {
    sources.keepSecrets('postgresql://app:of-the-sources@db/app');
    expect(built.maskSecrets('said of-the-sources aloud')).toBe('said *** aloud');
    built.keepSecrets('postgresql://app:of-the-build@db/app');
    expect(sources.maskSecrets('said of-the-build aloud, and of-the-sources')).toBe('said *** aloud, and ***');
  });
});
