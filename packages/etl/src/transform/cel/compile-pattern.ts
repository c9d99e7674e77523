import { ConversionError, shortened } from '@polyshift/core';
import { RE2JS } from 're2js';

/** Characters of a pattern, at most. */
const longestPattern = 10_000;

/**
 * Compiles a regular expression of the syntax of RE2, as CEL has it (https://github.com/google/re2/wiki/Syntax), and gives what tells whether one is found
 * anywhere in a text, in time proportional to the text. Throws ConversionError for what is none, look-around and back references among them.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  if (pattern.length > longestPattern)
    throw new ConversionError(`a pattern of ${pattern.length} characters is too long: ${longestPattern} are taken at most`);
  const compiled = parsed(pattern);
  return (text) => compiled.matcher(text).find();
}

function parsed(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new ConversionError(`${shortened(pattern)} is no regular expression: ${(error as Error).message}`);
  }
}
