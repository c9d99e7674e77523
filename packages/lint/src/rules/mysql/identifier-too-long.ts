import { definedNames } from '../../mysql/defined-names.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Gives a name of more than 64 characters. */
export const identifierTooLong = mysqlRule({
  code: 'MY308',
  name: 'identifier-too-long',
  level: 'error',
  doc: {
    what: 'Gives a name of more than 64 characters.',
    why: 'The server refuses it.',
    lock: 'Nothing: the statement fails.',
    safe: 'A shorter name.',
  },
  examples: {
    unsafe: ['CREATE TABLE `a1234567890123456789012345678901234567890123456789012345678901234` (id INT PRIMARY KEY)'],
    safe: ['CREATE TABLE `a123456789012345678901234567890123456789012345678901234567890123` (id INT PRIMARY KEY)'],
  },
  *check(statement) {
    for (const { name } of definedNames(statement)) {
      if ([...name].length > 64) yield { message: `The name ${name} is longer than 64 characters.` };
    }
  },
});
